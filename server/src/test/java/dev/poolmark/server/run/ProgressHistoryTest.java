package dev.poolmark.server.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.Test;

class ProgressHistoryTest {

  private final ProgressHistory history = new ProgressHistory();

  @Test
  void aLongRunIsKeptInAFewHundredPointsFromItsStartToNow() {
    for (int pairs = 1; pairs <= 100_000; pairs++) {
      history.add(message(pairs));
    }
    JsonArray points = history.toJson();
    assertTrue(points.size() >= 100 && points.size() <= 300, points.size() + " points");
    int before = 0;
    for (Object point : points) {
      int pairs = ((JsonObject) point).getInteger("pairs");
      assertTrue(pairs > before, "in their order");
      assertTrue(pairs - before <= 2000, "no wide gap");
      before = pairs;
    }
    assertTrue(before > 98_000, "up to now");
  }

  @Test
  void aRunThatStartsAgainStartsItsHistoryAgain() {
    history.add(message(10));
    history.add(message(20));
    history.add(new JsonObject().put("phase", "starting"));
    history.add(message(5));
    assertEquals(1, history.toJson().size());
    assertEquals(5, history.toJson().getJsonObject(0).getInteger("pairs"));
  }

  private static JsonObject message(int pairs) {
    return new JsonObject()
        .put("pairs", pairs)
        .put("total", 100_000)
        .put("cosine_pearson", null)
        .put("cosine_spearman", 0.5);
  }
}
