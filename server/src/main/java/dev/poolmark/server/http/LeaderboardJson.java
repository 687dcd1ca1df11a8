package dev.poolmark.server.http;

import dev.poolmark.server.run.Leaderboard;
import dev.poolmark.server.run.Run;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Objects;

/** A leaderboard as clients read it. */
final class LeaderboardJson {

  private LeaderboardJson() {}

  static JsonObject of(Leaderboard board) {
    JsonObject json = new JsonObject().put("dataset", board.dataset());
    board.key().ifPresent(key -> json.mergeIn(of(key)));
    JsonArray entries = new JsonArray();
    board.runs().forEach(run -> entries.add(entry(entries.size() + 1, run)));
    JsonArray leftOut = new JsonArray();
    board.leftOut().forEach(other -> leftOut.add(of(other.key()).put("runs", other.runs())));
    return json.put("entries", entries).put("left_out", leftOut);
  }

  private static JsonObject of(Leaderboard.Key key) {
    return new JsonObject()
        .put("sha256", key.sha256())
        .put("batch_size", key.batchSize())
        .put("protocol", key.protocol())
        .put("machine", key.machine());
  }

  private static JsonObject entry(int rank, Run run) {
    JsonObject report = Objects.requireNonNull(run.report(), run.id());
    JsonObject environment = report.getJsonObject("environment");
    String cpu = environment.getString("cpu");
    return new JsonObject()
        .put("rank", rank)
        .put("run_id", run.id())
        .put("finished_at", Objects.requireNonNull(run.finishedAt(), run.id()).toString())
        .put("pooler", run.request().pooler())
        .put("name", run.labels().name())
        .put("tags", new JsonArray(run.labels().tags()))
        .put("machine", environment.getString("machine", cpu))
        .put("engine", report.getJsonObject("time").getString("engine", "java"))
        .put("untrained", isUntrained(report))
        .put("report", report);
  }

  /** As the evaluator's finding tells it. */
  private static boolean isUntrained(JsonObject report) {
    return report.getJsonArray("findings").stream()
        .anyMatch(finding -> finding.toString().contains("its weights are initial ones"));
  }
}
