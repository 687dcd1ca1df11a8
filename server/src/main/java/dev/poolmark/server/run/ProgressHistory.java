package dev.poolmark.server.run;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** How a run's correlations went so far, for those who come late: a few hundred points at most. */
final class ProgressHistory {

  private static final int MOST = 300;

  private final List<JsonObject> points = new ArrayList<>();
  private long step = 1;
  private long next;

  /** Notes a message; one of a start forgets what was before. */
  void add(JsonObject message) {
    Long pairs = message.getLong("pairs");
    if (pairs == null) {
      if ("starting".equals(message.getString("phase"))) {
        points.clear();
        next = 0;
        step = 1;
      }
    } else if (pairs >= next) {
      points.add(
          new JsonObject()
              .put("pairs", pairs)
              .put("total", message.getLong("total"))
              .put("cosine_pearson", message.getDouble("cosine_pearson"))
              .put("cosine_spearman", message.getDouble("cosine_spearman")));
      if (points.size() == MOST) {
        thin(pairs);
      }
      next = pairs + step;
    }
  }

  /** Every second point goes, and from now on points are as far apart as those that are left. */
  private void thin(long pairs) {
    for (int i = MOST - 1; i > 0; i -= 2) {
      points.remove(i - 1);
    }
    step = Math.max(1, pairs / points.size());
  }

  JsonArray toJson() {
    return new JsonArray(List.copyOf(points));
  }
}
