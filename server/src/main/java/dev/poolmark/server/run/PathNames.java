package dev.poolmark.server.run;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What clients are told instead of the server's paths: what goes wrong in a lane is told with the
 * names of files as they are there.
 */
public final class PathNames {

  private final Map<String, String> names = new LinkedHashMap<>();

  /**
   * @param folders by each, what is told instead; nothing for one whose contents have names of
   *     their own
   */
  public PathNames(Map<Path, String> folders) {
    Map<String, String> all = new LinkedHashMap<>();
    folders.forEach(
        (folder, name) -> {
          all.put(folder.toAbsolutePath().normalize().toString(), name);
          all.put(real(folder).toString(), name);
        });
    all.entrySet().stream()
        .filter(entry -> entry.getKey().length() > 1)
        .sorted(Comparator.comparing(entry -> -entry.getKey().length()))
        .forEach(entry -> names.put(entry.getKey(), entry.getValue()));
  }

  private static Path real(Path folder) {
    try {
      return folder.toRealPath();
    } catch (IOException e) {
      return folder.toAbsolutePath();
    }
  }

  /** A text with names in place of paths. */
  public String in(String text) {
    String told = text;
    for (Map.Entry<String, String> name : names.entrySet()) {
      String inside = name.getValue().isEmpty() ? "" : name.getValue() + "/";
      told = told.replace(name.getKey() + "/", inside).replace(name.getKey(), name.getValue());
    }
    return told;
  }

  /** A report whose findings are told so. */
  JsonObject in(JsonObject report) {
    JsonArray findings = report.getJsonArray("findings");
    if (findings == null) {
      return report;
    }
    JsonArray told = new JsonArray();
    findings.forEach(finding -> told.add(finding instanceof String text ? in(text) : finding));
    return report.copy().put("findings", told);
  }
}
