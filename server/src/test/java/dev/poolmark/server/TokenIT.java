package dev.poolmark.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A server on every address, with a token. */
@ExtendWith(VertxExtension.class)
class TokenIT {

  private static final String TOKEN = "a token for a test";

  private static ServerProcess server;
  private static Client client;

  @BeforeAll
  static void start(Vertx vertx) throws IOException {
    server = ServerProcess.start(TestFiles.folder("token"), "--host", "0.0.0.0", "--token", TOKEN);
    client = new Client(vertx, server);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void everyRouteButHealthWantsTheToken() {
    assertEquals(200, client.get("/health").statusCode());
    for (String path :
        List.of(
            "/",
            "/runs",
            "/poolers",
            "/metrics",
            "/openapi.json",
            "/docs",
            "/page/app.js",
            "/page-lib/chart.js/dist/chart.umd.min.js",
            "/runs/x/events",
            "/nowhere")) {
      assertEquals(401, client.get(path).statusCode(), path);
    }
    assertEquals(401, client.post("/pool", "application/json", Buffer.buffer("{}")).statusCode());
  }

  @Test
  void aWebSocketWantsTheToken() {
    WebSocketConnectOptions options =
        new WebSocketConnectOptions()
            .setHost("127.0.0.1")
            .setPort(server.port())
            .setURI("/runs/x/progress");
    IllegalStateException refused =
        assertThrows(
            IllegalStateException.class, () -> Client.await(client.sockets().connect(options)));
    assertTrue(refused.getMessage().contains("401"), refused.getMessage());
  }

  @Test
  void theTokenOpensTheServerAsAHeader() {
    assertEquals(200, withHeader("Bearer " + TOKEN).statusCode());
    assertEquals(200, withHeader("bearer " + TOKEN).statusCode());
    assertEquals(401, withHeader("Bearer another").statusCode());
    assertEquals(401, withHeader(TOKEN).statusCode());
  }

  @Test
  void openAisClientsShowTheTokenAsTheirKey() {
    JsonObject nothing = new JsonObject().put("input", "");
    HttpResponse<Buffer> refused =
        Client.await(
            client
                .request(HttpMethod.POST, "/v1/embeddings")
                .putHeader("Authorization", "Bearer another")
                .sendJsonObject(nothing));
    assertEquals(401, refused.statusCode());
    assertEquals(
        "unauthorized", refused.bodyAsJsonObject().getJsonObject("error").getString("type"));
    HttpResponse<Buffer> taken =
        Client.await(
            client
                .request(HttpMethod.POST, "/v1/embeddings")
                .putHeader("Authorization", "Bearer " + TOKEN)
                .sendJsonObject(nothing));
    assertEquals(413, taken.statusCode(), taken.bodyAsString());
    for (String path : List.of("/", "/embed", "/embed_all", "/similarity", "/rerank")) {
      assertEquals(
          401, client.post(path, "application/json", Buffer.buffer("{}")).statusCode(), path);
    }
  }

  @Test
  void aBrowserGetsAFormAndThenACookieThatScriptsCannotRead() {
    HttpResponse<Buffer> form =
        Client.await(client.request(HttpMethod.GET, "/").putHeader("Accept", "text/html").send());
    assertEquals(401, form.statusCode());
    assertTrue(form.bodyAsString().contains("<form"));
    assertEquals(401, login("another").statusCode());
    HttpResponse<Buffer> entered = login(TOKEN);
    assertEquals(303, entered.statusCode());
    String cookie = entered.getHeader("Set-Cookie");
    assertTrue(cookie.matches("(?i).*; HttpOnly; SameSite=Strict.*"), cookie);
    HttpResponse<Buffer> page =
        Client.await(
            client.request(HttpMethod.GET, "/").putHeader("Cookie", cookie.split(";")[0]).send());
    assertEquals(200, page.statusCode());
  }

  private static HttpResponse<Buffer> withHeader(String value) {
    return Client.await(
        client.request(HttpMethod.GET, "/runs").putHeader("Authorization", value).send());
  }

  private static HttpResponse<Buffer> login(String token) {
    return Client.await(
        client
            .request(HttpMethod.POST, "/login")
            .sendForm(MultiMap.caseInsensitiveMultiMap().add("token", token)));
  }
}
