package dev.poolmark.server.run;

import dev.poolmark.evaluator.worker.WorkerRequest.Timing;
import dev.poolmark.server.stock.Datasets;
import io.vertx.core.json.JsonObject;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks to be scored.
 *
 * @param pooler a pooler spec
 * @param dataset the name of a folder under the data root, or {@code sample}
 * @param batchSize sentences a batch
 * @param timing how time is taken
 * @param timeoutSeconds after this long the run is ended
 * @param machine a node's name, or what nodes run on, where it is to be scored; null for any
 */
public record RunRequest(
    String pooler,
    String dataset,
    int batchSize,
    Timing timing,
    long timeoutSeconds,
    @Nullable String machine) {

  public static final int DEFAULT_BATCH_SIZE = 64;
  private static final String ALL = "all";

  public RunRequest {
    Objects.requireNonNull(pooler, "pooler");
    Objects.requireNonNull(dataset, "dataset");
    Objects.requireNonNull(timing, "timing");
  }

  /** Reads a request that the contract's schema has accepted. */
  public static RunRequest of(JsonObject json, long defaultTimeoutSeconds) {
    return new RunRequest(
        json.getString("pooler"),
        json.getString("dataset", Datasets.SAMPLE),
        json.getInteger("batch_size", DEFAULT_BATCH_SIZE),
        new Timing(
            json.getString("engine", Timing.DEFAULT.engine()),
            json.getString("protocol", Timing.DEFAULT.protocol()),
            ALL.equals(json.getString("protocols"))),
        json.getLong("timeout_seconds", defaultTimeoutSeconds),
        json.getString("machine"));
  }

  /** As a client may ask for it again. */
  public JsonObject toJson() {
    JsonObject json =
        new JsonObject()
            .put("pooler", pooler)
            .put("dataset", dataset)
            .put("batch_size", batchSize)
            .put("engine", timing.engine())
            .put("protocol", timing.protocol())
            .put("timeout_seconds", timeoutSeconds);
    if (timing.allProtocols()) {
      json.put("protocols", ALL);
    }
    return machine == null ? json : json.put("machine", machine);
  }
}
