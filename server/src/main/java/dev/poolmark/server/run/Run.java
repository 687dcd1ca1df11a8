package dev.poolmark.server.run;

import dev.poolmark.server.stock.Needs;
import io.vertx.core.json.JsonObject;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * One run as the database has it.
 *
 * @param sequence the order of arrival
 * @param attempt how often a lane took it
 * @param node which node took it last; null where it waits
 * @param cancelRequested whether somebody asked for its end, which then is to be its next status
 * @param needs what it was asked for with
 * @param labels what people wrote beside it
 * @param progress what its node last told of it, where others are to know
 * @param report null until it is done; a pooler that misbehaved has one with findings
 * @param error one line; null unless it failed
 * @param log what its process said last; null unless it failed
 */
public record Run(
    String id,
    long sequence,
    RunStatus status,
    int attempt,
    @Nullable String node,
    boolean cancelRequested,
    RunRequest request,
    Needs needs,
    RunLabels labels,
    @Nullable JsonObject progress,
    @Nullable JsonObject report,
    @Nullable String error,
    @Nullable String log,
    Instant createdAt,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt) {

  private static final SecureRandom RANDOM = new SecureRandom();

  /** A new id, which nobody guesses. */
  static String newId() {
    return HexFormat.of().toHexDigits(RANDOM.nextLong());
  }

  /** Whether a text may be the id of a run. */
  public static boolean isId(String text) {
    return text.matches("[0-9a-f]{16}");
  }

  /** The whole run, without its live progress. */
  public JsonObject toJson() {
    return summary().put("report", report).put("log", log);
  }

  /** The run for a listing: the three scores in place of the report. */
  public JsonObject summary() {
    return new JsonObject()
        .put("id", id)
        .put("status", status.text())
        .put("request", request.toJson())
        .put("scores", scores())
        .put("error", error)
        .mergeIn(labels.toJson())
        .put("attempt", attempt)
        .put("node", node)
        .put("data_sha256", needs.dataSha256())
        .put("created_at", text(createdAt))
        .put("started_at", text(startedAt))
        .put("finished_at", text(finishedAt));
  }

  private @Nullable JsonObject scores() {
    if (report == null || report.getJsonObject("total") == null) {
      return null;
    }
    return new JsonObject()
        .put("quality", report.getJsonObject("quality").getDouble("score"))
        .put("time", report.getJsonObject("time").getDouble("score"))
        .put("total", report.getJsonObject("total").getDouble("score"));
  }

  private static @Nullable String text(@Nullable Instant time) {
    return time == null ? null : time.toString();
  }
}
