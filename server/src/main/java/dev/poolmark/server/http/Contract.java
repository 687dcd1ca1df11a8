package dev.poolmark.server.http;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;

/** The OpenAPI document. */
final class Contract {

  private static final JsonObject PUBLISHED = read();

  private Contract() {}

  static JsonObject published() {
    return PUBLISHED;
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
