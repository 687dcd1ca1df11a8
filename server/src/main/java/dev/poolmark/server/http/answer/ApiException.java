package dev.poolmark.server.http.answer;

import io.vertx.core.json.JsonObject;

/** An answer that is an error: {@code {"error","error_type"}} and a status. */
public final class ApiException extends RuntimeException {

  private final int status;
  private final String type;

  private ApiException(int status, String type, String message) {
    super(message, null, false, false);
    this.status = status;
    this.type = type;
  }

  public static ApiException malformed(String message) {
    return new ApiException(400, "malformed", message);
  }

  public static ApiException unauthorized() {
    return new ApiException(
        401, "unauthorized", "expected the server's token, found none or another");
  }

  public static ApiException forbidden(String message) {
    return new ApiException(403, "forbidden", message);
  }

  public static ApiException notFound(String message) {
    return new ApiException(404, "not_found", message);
  }

  public static ApiException methodNotAllowed(String message) {
    return new ApiException(405, "method_not_allowed", message);
  }

  public static ApiException conflict(String message) {
    return new ApiException(409, "conflict", message);
  }

  public static ApiException tooLarge(String message) {
    return new ApiException(413, "too_large", message);
  }

  public static ApiException unsupportedMedia(String message) {
    return new ApiException(415, "unsupported_media_type", message);
  }

  public static ApiException invalid(String message) {
    return new ApiException(422, "validation", message);
  }

  public static ApiException overloaded(String message) {
    return new ApiException(429, "overloaded", message);
  }

  public static ApiException tooLong(String message) {
    return new ApiException(431, "too_long", message);
  }

  /** As text-embeddings-inference refuses texts: too many, or too long. */
  public static ApiException refused(String message) {
    return new ApiException(413, "validation", message);
  }

  /** As text-embeddings-inference answers texts of which there is nothing. */
  public static ApiException empty(String message) {
    return new ApiException(400, "empty", message);
  }

  /** As text-embeddings-inference tells that the model failed. */
  public static ApiException backend(String message) {
    return new ApiException(424, "backend", message);
  }

  public static ApiException internal() {
    return new ApiException(500, "internal", "something went wrong here; the server's log has it");
  }

  public static ApiException ending() {
    return unavailable("the server is about to end");
  }

  public static ApiException unavailable(String message) {
    return new ApiException(503, "unavailable", message);
  }

  public int status() {
    return status;
  }

  /**
   * As the routes under a path tell errors: those under {@code /v1/} as OpenAI's clients read them.
   */
  public JsonObject toJson(String path) {
    if (!path.startsWith("/v1/")) {
      return new JsonObject().put("error", getMessage()).put("error_type", type);
    }
    return new JsonObject()
        .put(
            "error",
            new JsonObject()
                .put("message", getMessage())
                .put("type", type)
                .put("param", null)
                .put("code", null));
  }
}
