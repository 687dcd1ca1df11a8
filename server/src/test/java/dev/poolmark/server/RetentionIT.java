package dev.poolmark.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a server keeps of the runs that have ended. */
@ExtendWith(VertxExtension.class)
class RetentionIT {

  @Test
  void itKeepsTheNewestRunsTheYoungOnesAndWhatIsPinned(Vertx vertx) throws Exception {
    Path home = TestFiles.folder("retention");
    String old;
    try (ServerProcess server = ServerProcess.start(home)) {
      Client client = new Client(vertx, server);
      String pinned = client.start("mean");
      old = client.start("sum");
      client.start("cls");
      client.end(client.start("max"));
      Client.await(
          client
              .request(HttpMethod.PATCH, "/runs/" + pinned)
              .sendJsonObject(new JsonObject().put("pinned", true)));
      assertEquals(Set.of("mean", "sum", "cls", "max"), poolers(client));
      server.terminate();
    }
    try (ServerProcess server = ServerProcess.start(home, "--keep-runs", "2")) {
      Client client = new Client(vertx, server);
      Wait.until("the rest to go", () -> poolers(client).equals(Set.of("mean", "cls", "max")));
      assertEquals(404, client.get("/runs/" + old).statusCode());
      assertEquals(404, client.get("/runs/" + old + "/pairs").statusCode());
      server.terminate();
    }
    makeOlder(home, "cls", Duration.ofDays(3));
    try (ServerProcess server = ServerProcess.start(home, "--keep-days", "2")) {
      Client client = new Client(vertx, server);
      Wait.until("the old one to go", () -> poolers(client).equals(Set.of("mean", "max")));
      server.terminate();
    }
  }

  private static Set<String> poolers(Client client) {
    return client.json("/runs").getJsonArray("runs").stream()
        .map(run -> ((JsonObject) run).getJsonObject("request").getString("pooler"))
        .collect(Collectors.toSet());
  }

  private static void makeOlder(Path home, String pooler, Duration age) throws Exception {
    try (Connection database =
            DriverManager.getConnection("jdbc:sqlite:" + home.resolve("runs.db"));
        PreparedStatement update =
            database.prepareStatement("UPDATE runs SET finished_at = ? WHERE pooler = ?")) {
      update.setLong(1, Instant.now().minus(age).toEpochMilli());
      update.setString(2, pooler);
      assertEquals(1, update.executeUpdate());
    }
  }
}
