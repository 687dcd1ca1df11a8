package dev.poolmark.server.run;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How a run ended.
 *
 * @param report null where there is none
 * @param error one line, null unless it failed
 * @param log what its process said last, in lines; null unless it failed
 * @param pairScores a CSV file of label and similarity a pair, or null
 * @param passes what its passes took, or null
 */
public record RunOutcome(
    RunStatus status,
    @Nullable JsonObject report,
    @Nullable String error,
    @Nullable String log,
    @Nullable Path pairScores,
    @Nullable JsonArray passes) {

  public static RunOutcome failed(String error) {
    return new RunOutcome(RunStatus.FAILED, null, error, null, null, null);
  }

  public static RunOutcome cancelled() {
    return new RunOutcome(RunStatus.CANCELLED, null, null, null, null, null);
  }

  /** A report without a total is one whose findings ended the run. */
  public static RunOutcome of(JsonObject report, Path pairScores, JsonArray passes) {
    if (report.getJsonObject("total") != null) {
      return new RunOutcome(RunStatus.DONE, report, null, null, pairScores, passes);
    }
    String findings =
        String.join("; ", report.getJsonArray("findings").stream().map(Object::toString).toList());
    return new RunOutcome(RunStatus.FAILED, report, findings, null, null, null);
  }

  RunOutcome withLog(String lines) {
    return new RunOutcome(status, report, error, lines, pairScores, passes);
  }
}
