package dev.poolmark.server.run;

import io.vertx.core.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Which runs are listed; each part that is there narrows them.
 *
 * @param text somewhere in spec, data set, name, notes or tags, in any case
 * @param statuses one of which it has; any where there are none
 * @param datasets names, one of which the data set has; any where there are none
 * @param tag a whole one
 */
public record RunFilter(
    Optional<String> text, List<RunStatus> statuses, List<String> datasets, Optional<String> tag) {

  private static final String EVERYWHERE =
      "LOWER(pooler || ' ' || dataset || ' ' || COALESCE(name, '') || ' ' || COALESCE(notes, '')"
          + " || ' ' || tags)";

  public RunFilter {
    statuses = List.copyOf(statuses);
    datasets = List.copyOf(datasets);
  }

  /** The conditions of the database's language, each after an AND. */
  String conditions() {
    StringBuilder conditions = new StringBuilder();
    text.ifPresent(part -> conditions.append(" AND " + EVERYWHERE + " LIKE ? ESCAPE '!'"));
    conditions.append(among("status", statuses)).append(among("dataset", datasets));
    tag.ifPresent(one -> conditions.append(" AND tags LIKE ? ESCAPE '!'"));
    return conditions.toString();
  }

  private static String among(String column, List<?> values) {
    return values.isEmpty()
        ? ""
        : " AND " + column + " IN (?" + ", ?".repeat(values.size() - 1) + ")";
  }

  /** The values of the conditions, in their order. */
  List<Object> values() {
    List<Object> values = new ArrayList<>();
    text.ifPresent(part -> values.add(containing(part.toLowerCase(Locale.ROOT))));
    statuses.forEach(status -> values.add(status.text()));
    values.addAll(datasets);
    tag.ifPresent(one -> values.add(containing(Json.encode(one))));
    return values;
  }

  private static String containing(String part) {
    return "%" + part.replaceAll("[!%_]", "!$0") + "%";
  }
}
