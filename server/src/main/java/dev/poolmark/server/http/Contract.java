package dev.poolmark.server.http;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.poolmark.server.text.EncoderOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The OpenAPI document. */
final class Contract {

  private static final JsonObject PUBLISHED = read();
  private static final Pattern PAGE_PATHS =
      Pattern.compile("/|/docs|/favicon[.]ico|/page/.*|/page-lib/.*");

  private Contract() {}

  /**
   * The document with what this server takes.
   *
   * @param withToken whether requests must show one
   */
  static JsonObject published(boolean withToken, EncoderOptions texts) {
    JsonObject contract = PUBLISHED.copy();
    JsonObject schemas = contract.getJsonObject("components").getJsonObject("schemas");
    JsonArray prompts = new JsonArray().addNull();
    texts.model().prompts().stream().sorted().forEach(prompts::add);
    schemas.getJsonObject("PromptName").put("enum", prompts);
    schemas.getJsonObject("SeveralTexts").put("maxItems", texts.maxClientBatchSize());
    schemas.getJsonObject("SeveralInputs").put("maxItems", texts.maxClientBatchSize());
    if (!withToken) {
      contract.remove("security");
      contract.getJsonObject("components").remove("securitySchemes");
      contract
          .getJsonObject("paths")
          .forEach(path -> ((JsonObject) path.getValue()).forEach(Contract::removeSecurity));
    }
    return contract;
  }

  private static void removeSecurity(Map.Entry<String, Object> operation) {
    if (operation.getValue() instanceof JsonObject described) {
      described.remove("security");
    }
  }

  /** What a path can be asked with; empty where nothing is there. */
  static Set<String> methods(String path) {
    Set<String> methods = new HashSet<>();
    if (PAGE_PATHS.matcher(path).matches()) {
      methods.add("GET");
    } else if (path.equals("/login") || path.equals("/logout")) {
      methods.add("POST");
    }
    for (Map.Entry<String, Object> known : PUBLISHED.getJsonObject("paths")) {
      if (path.matches(known.getKey().replaceAll("\\{[a-z]+}", "[^/]+"))) {
        methods.addAll(((JsonObject) known.getValue()).fieldNames());
      }
    }
    methods.remove("parameters");
    Set<String> upper =
        methods.stream().map(m -> m.toUpperCase(Locale.ROOT)).collect(Collectors.toSet());
    if (upper.contains("GET") && !path.endsWith("/events")) {
      upper.add("HEAD");
    }
    return upper;
  }

  /**
   * Without media types that Vert.x can't validate, for which it would refuse the contract, and
   * without the token, which is asked for before any route is looked up.
   */
  static JsonObject forRouter() {
    JsonObject contract =
        new JsonObject(
            PUBLISHED
                .encode()
                .replace("\"text/csv\"", "\"text/plain\"")
                .replace("\"text/html\"", "\"text/plain\"")
                .replace("\"text/event-stream\"", "\"text/plain\""));
    contract.remove("security");
    return contract;
  }

  @SuppressWarnings("unchecked")
  private static JsonObject read() {
    try (InputStream yaml = Contract.class.getResourceAsStream("/openapi.yaml")) {
      return new JsonObject(new YAMLMapper().readValue(yaml, Map.class));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
