package dev.poolmark.evaluator.tuning;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies.SnakeCaseStrategy;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import dev.poolmark.evaluator.tuning.TrialTask.Looked;
import dev.poolmark.evaluator.tuning.TrialTask.Trained;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A line of {@code trials.jsonl}.
 *
 * @param trial its number, from 1
 * @param data the SHA-256 of the data that it was tried on
 * @param dev that of the dev pairs; of a part of the data, how large it is
 * @param formula which formula made the points
 * @param candidate which point of the search space, for one is tried on several rungs
 * @param rung from 0; the last one sees all rows and all epochs
 * @param options the point
 * @param seconds since the start of the search, and how long it took
 * @param looked time and size before training; null where not even that came about
 * @param trained null where it was not trained to the end
 * @param total points for quality on the dev rows and for time
 * @param finding why it has no total
 */
@JsonNaming(SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Trial(
    int trial,
    String data,
    String dev,
    String formula,
    int candidate,
    int rung,
    String spec,
    Map<String, String> options,
    State state,
    double at,
    double seconds,
    @Nullable Looked looked,
    @Nullable Trained trained,
    @Nullable Double total,
    @Nullable String finding) {

  /** What trials must have in common to be compared. */
  public record Subject(String data, String dev, String formula) {}

  Subject subject() {
    return new Subject(data, dev, formula);
  }

  String pooler() {
    return new Configuration(options).pooler();
  }

  /** The total of one that has one. */
  double points() {
    return Objects.requireNonNull(total);
  }

  /** How a trial ended. */
  public enum State {
    @JsonProperty("done")
    DONE,
    /** It can't win, or is too large. */
    @JsonProperty("skipped")
    SKIPPED,
    @JsonProperty("failed")
    FAILED,
    /** Time was over. */
    @JsonProperty("cancelled")
    CANCELLED
  }
}
