package dev.poolmark.server.run;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** How long runs wait and take, for whoever watches the server. */
public final class RunTimes {

  private static final Duration[] BUCKETS = {
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofSeconds(2),
    Duration.ofSeconds(5),
    Duration.ofSeconds(10),
    Duration.ofSeconds(30),
    Duration.ofMinutes(1),
    Duration.ofMinutes(2),
    Duration.ofMinutes(5),
    Duration.ofMinutes(10),
    Duration.ofMinutes(30),
    Duration.ofHours(1),
    Duration.ofHours(6)
  };

  private final MeterRegistry metrics;
  private final Timer waits;

  public RunTimes(MeterRegistry metrics) {
    this.metrics = metrics;
    this.waits =
        Timer.builder("poolmark.runs.queue.wait")
            .description("From the arrival of a run until a lane takes it")
            .serviceLevelObjectives(BUCKETS)
            .register(metrics);
  }

  /** A lane takes the run; both times are of the database's clock. */
  void started(Run run) {
    if (run.startedAt() != null) {
      waits.record(Duration.between(run.createdAt(), run.startedAt()));
    }
  }

  /** The run has ended; one that no lane had took no time. */
  void ended(Run run) {
    if (run.startedAt() != null && run.finishedAt() != null) {
      Timer.builder("poolmark.runs.duration")
          .description("From the start of a run's last attempt to its end")
          .tag("status", run.status().text())
          .serviceLevelObjectives(BUCKETS)
          .register(metrics)
          .record(Duration.between(run.startedAt(), run.finishedAt()));
    }
  }
}
