package dev.poolmark.server.http.access;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.server.Wait;
import dev.poolmark.server.store.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(VertxExtension.class)
class LogoutsTest {

  @Test
  void aLogoutOnOneServerEndsTheLoginOnAllThatShareItsDatabase(Vertx vertx, @TempDir Path folder)
      throws Exception {
    String url = "jdbc:sqlite:" + folder.resolve("runs.db");
    Database.once(url, db -> url);
    Database one = await(Database.connect(vertx, url));
    Database other = await(Database.connect(vertx, url));
    Sessions here = sessions(vertx, one);
    Sessions there = sessions(vertx, other);
    String left = here.begin(false).getValue();
    String stays = there.begin(false).getValue();
    assertTrue(there.holds(left));
    await(here.end(left));
    assertFalse(here.holds(left));
    Wait.until("the other server to hear of it", () -> !there.holds(left));
    assertTrue(here.holds(stays));
    assertFalse(sessions(vertx, other).holds(left), "after a restart, too");
    await(one.close());
    await(other.close());
  }

  private static Sessions sessions(Vertx vertx, Database database) throws Exception {
    Logouts logouts = new Logouts(vertx, database);
    await(logouts.begin(true));
    return new Sessions("a token", logouts);
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
