package dev.poolmark.server.run;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How a run ended.
 *
 * @param report null where there is none
 * @param error one line, null unless it failed
 * @param pairScores a CSV file of label and similarity a pair, or null
 */
public record RunOutcome(
    RunStatus status,
    @Nullable JsonObject report,
    @Nullable String error,
    @Nullable Path pairScores) {

  public static RunOutcome failed(String error) {
    return new RunOutcome(RunStatus.FAILED, null, error, null);
  }

  public static RunOutcome cancelled() {
    return new RunOutcome(RunStatus.CANCELLED, null, null, null);
  }

  /** A report without a total is one whose findings ended the run. */
  public static RunOutcome of(JsonObject report, Path pairScores) {
    if (report.getJsonObject("total") != null) {
      return new RunOutcome(RunStatus.DONE, report, null, pairScores);
    }
    String findings =
        String.join("; ", report.getJsonArray("findings").stream().map(Object::toString).toList());
    return new RunOutcome(RunStatus.FAILED, report, findings, null);
  }
}
