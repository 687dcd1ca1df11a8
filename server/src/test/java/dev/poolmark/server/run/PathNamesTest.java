package dev.poolmark.server.run;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PathNamesTest {

  private final PathNames names =
      new PathNames(
          Map.of(
              Path.of("/srv/pm"), "home",
              Path.of("/srv/pm/models"), "models",
              Path.of("/srv/data"), ""));

  @Test
  void whatGoesWrongIsToldWithTheNamesThatClientsKnow() {
    assertEquals(
        "toy/first.txt: row 3: expected 768, found 2",
        names.in("/srv/data/toy/first.txt: row 3: expected 768, found 2"));
    assertEquals("models/x.pt and home/lock", names.in("/srv/pm/models/x.pt and /srv/pm/lock"));
    assertEquals("'home'", names.in("'/srv/pm'"));
  }

  @Test
  void findingsAreToldSoToo() {
    JsonObject report =
        new JsonObject()
            .put("findings", new JsonArray().add("no such file: /srv/data/a"))
            .put("x", 1);
    assertEquals(
        new JsonObject().put("findings", new JsonArray().add("no such file: a")).put("x", 1),
        names.in(report));
  }
}
