package dev.poolmark.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
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
import java.nio.file.Path;
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
    assertEquals(400, taken.statusCode(), taken.bodyAsString());
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
    assertTrue(cookie.contains("Max-Age=604800") && !cookie.contains("Secure"), cookie);
    HttpResponse<Buffer> page =
        Client.await(
            client.request(HttpMethod.GET, "/").putHeader("Cookie", cookie.split(";")[0]).send());
    assertEquals(200, page.statusCode());
  }

  @Test
  void behindTlsTheCookieGoesOverNothingElse() {
    for (String[] header :
        new String[][] {
          {"X-Forwarded-Proto", "https"}, {"Origin", "https://127.0.0.1:" + server.port()}
        }) {
      HttpResponse<Buffer> entered =
          Client.await(
              client
                  .request(HttpMethod.POST, "/login")
                  .putHeader(header[0], header[1])
                  .putHeader("Host", "127.0.0.1:" + server.port())
                  .sendForm(MultiMap.caseInsensitiveMultiMap().add("token", TOKEN)));
      assertEquals(303, entered.statusCode());
      assertTrue(entered.getHeader("Set-Cookie").contains("; Secure"), header[0]);
    }
  }

  @Test
  void aLogoutEndsItsOwnLoginForEveryCopyOfTheCookie(Vertx vertx) throws IOException {
    Path home = TestFiles.folder("logout");
    String left;
    String stayed;
    try (ServerProcess own = ServerProcess.start(home, "--token", TOKEN)) {
      Client browser = new Client(vertx, own);
      left = cookie(browser);
      stayed = cookie(browser);
      assertEquals(200, withCookie(browser, HttpMethod.GET, "/runs", left).statusCode());
      HttpResponse<Buffer> answer = withCookie(browser, HttpMethod.POST, "/logout", left);
      assertEquals(303, answer.statusCode());
      assertTrue(answer.getHeader("Set-Cookie").contains("Max-Age=0"));
      assertEquals(401, withCookie(browser, HttpMethod.GET, "/runs", left).statusCode());
      assertEquals(401, withCookie(browser, HttpMethod.POST, "/logout", left).statusCode());
      assertEquals(200, withCookie(browser, HttpMethod.GET, "/runs", stayed).statusCode());
    }
    try (ServerProcess next = ServerProcess.start(home, "--token", TOKEN)) {
      Client browser = new Client(vertx, next);
      assertEquals(401, withCookie(browser, HttpMethod.GET, "/runs", left).statusCode());
      assertEquals(200, withCookie(browser, HttpMethod.GET, "/runs", stayed).statusCode());
    }
  }

  private static String cookie(Client browser) {
    HttpResponse<Buffer> entered =
        Client.await(
            browser
                .request(HttpMethod.POST, "/login")
                .sendForm(MultiMap.caseInsensitiveMultiMap().add("token", TOKEN)));
    return entered.getHeader("Set-Cookie").split(";")[0];
  }

  private static HttpResponse<Buffer> withCookie(
      Client browser, HttpMethod method, String path, String cookie) {
    return Client.await(browser.request(method, path).putHeader("Cookie", cookie).send());
  }

  @Test
  void aCookieThatIsOldOrChangedOpensNothing() {
    String cookie = login(TOKEN).getHeader("Set-Cookie").split(";")[0];
    String later = cookie.replaceFirst("=[0-9]+", "=99999999999");
    for (String changed : List.of(later, cookie + "0", "poolmark_token=", "poolmark_token=1.2.3")) {
      HttpResponse<Buffer> answer =
          Client.await(client.request(HttpMethod.GET, "/runs").putHeader("Cookie", changed).send());
      assertEquals(401, answer.statusCode(), changed);
    }
  }

  @Test
  void whoShowsManyWrongTokensIsNotListenedToForAWhile(Vertx vertx) throws IOException {
    try (ServerProcess own = ServerProcess.start(TestFiles.folder("guessed"), "--token", TOKEN)) {
      Client guesser = new Client(vertx, own);
      for (int i = 0; i < 10; i++) {
        assertEquals(401, bearer(guesser, "guess " + i).statusCode());
      }
      HttpResponse<Buffer> refused = bearer(guesser, TOKEN);
      assertEquals(429, refused.statusCode());
      assertNotNull(refused.getHeader("Retry-After"));
      assertEquals(
          429,
          Client.await(
                  guesser
                      .request(HttpMethod.POST, "/login")
                      .sendForm(MultiMap.caseInsensitiveMultiMap().add("token", TOKEN)))
              .statusCode());
      assertEquals(200, guesser.get("/health").statusCode());
    }
  }

  private static HttpResponse<Buffer> bearer(Client client, String token) {
    return Client.await(
        client
            .request(HttpMethod.GET, "/runs")
            .putHeader("Authorization", "Bearer " + token)
            .send());
  }

  @Test
  void theContractAsksForTheTokenOnlyWhereThereIsOne(Vertx vertx) throws IOException {
    assertTrue(withHeader("/openapi.json", "Bearer " + TOKEN).containsKey("security"));
    try (ServerProcess open = ServerProcess.start(TestFiles.folder("open"))) {
      JsonObject contract = new Client(vertx, open).json("/openapi.json");
      assertFalse(contract.encode().contains("\"security"), "it asks for a token");
    }
  }

  private static JsonObject withHeader(String path, String value) {
    return Client.await(
            client.request(HttpMethod.GET, path).putHeader("Authorization", value).send())
        .bodyAsJsonObject();
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
