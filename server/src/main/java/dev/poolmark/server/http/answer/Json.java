package dev.poolmark.server.http.answer;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;

/** Answers as JSON. */
public final class Json {

  private Json() {}

  public static Future<Void> answer(RoutingContext context, int status, JsonObject body) {
    return answer(context, status, body.toBuffer());
  }

  public static Future<Void> answer(RoutingContext context, int status, Buffer body) {
    return context
        .response()
        .setStatusCode(status)
        .putHeader("Content-Type", "application/json")
        .end(body);
  }
}
