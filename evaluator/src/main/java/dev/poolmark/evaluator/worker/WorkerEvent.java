package dev.poolmark.evaluator.worker;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonSubTypes.Type;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeInfo.Id;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a worker's child process tells. */
@JsonTypeInfo(use = Id.NAME, property = "type")
@JsonSubTypes({
  @Type(value = WorkerEvent.Loading.class, name = "loading"),
  @Type(value = WorkerEvent.Begun.class, name = "begun"),
  @Type(value = WorkerEvent.Running.class, name = "running"),
  @Type(value = WorkerEvent.Scored.class, name = "scored"),
  @Type(value = WorkerEvent.Compared.class, name = "compared"),
  @Type(value = WorkerEvent.Rendered.class, name = "rendered"),
  @Type(value = WorkerEvent.Pooled.class, name = "pooled"),
  @Type(value = WorkerEvent.Loaded.class, name = "loaded"),
  @Type(value = WorkerEvent.Embedded.class, name = "embedded"),
  @Type(value = WorkerEvent.Listed.class, name = "listed"),
  @Type(value = WorkerEvent.Measured.class, name = "measured"),
  @Type(value = WorkerEvent.Printed.class, name = "printed"),
  @Type(value = WorkerEvent.Trying.class, name = "trying"),
  @Type(value = WorkerEvent.Tried.class, name = "tried"),
  @Type(value = WorkerEvent.Finished.class, name = "finished"),
  @Type(value = WorkerEvent.Unfinished.class, name = "unfinished"),
  @Type(value = WorkerEvent.Cancelled.class, name = "cancelled"),
  @Type(value = WorkerEvent.Failed.class, name = "failed")
})
public sealed interface WorkerEvent {

  /**
   * A plugin is about to be loaded, which runs code of it.
   *
   * @param plugin the jar, or the folder of jars
   */
  record Loading(Path plugin) implements WorkerEvent {
    public Loading {
      Objects.requireNonNull(plugin, "plugin");
    }
  }

  /** No plugin is being loaded any more, and the job goes on: its time counts from here. */
  record Begun() implements WorkerEvent {}

  /**
   * How far a score is.
   *
   * @param progress an evaluation's {@code Progress}
   */
  record Running(JsonNode progress) implements WorkerEvent {
    public Running {
      Objects.requireNonNull(progress, "progress");
    }
  }

  /** The end of a job. */
  sealed interface Last extends WorkerEvent {}

  /**
   * A pooler is scored, or a finding ended its run.
   *
   * @param report an {@code EvaluationReport}
   * @param passes what its passes took, each an {@code evaluation.PassTimes}, that of the report's
   *     protocol first; empty where a finding ended it
   */
  record Scored(JsonNode report, JsonNode passes) implements Last {
    public Scored {
      Objects.requireNonNull(report, "report");
      Objects.requireNonNull(passes, "passes");
    }
  }

  /**
   * Scores are compared.
   *
   * @param standings an {@code evaluation.Standings}
   */
  record Compared(JsonNode standings) implements Last {
    public Compared {
      Objects.requireNonNull(standings, "standings");
    }
  }

  /** Reports are written. */
  record Rendered(String text) implements Last {
    public Rendered {
      Objects.requireNonNull(text, "text");
    }
  }

  /** The output is written. */
  record Pooled(int sentences, double seconds) implements Last {}

  /** The model is there. */
  record Loaded() implements Last {}

  /** Each text's end, in the order of the request. */
  record Embedded(List<Text> texts, double tokenizationSeconds, double inferenceSeconds)
      implements Last {
    public Embedded {
      texts = List.copyOf(texts);
    }
  }

  /**
   * What became of a text.
   *
   * @param tokens how many it has, after it was cut
   * @param values little-endian float32 in base64; null where it can't be encoded
   * @param error why it can't be encoded; null where it is
   */
  record Text(int tokens, @Nullable String values, @Nullable String error) {
    public Text {
      if ((values == null) == (error == null)) {
        throw new IllegalArgumentException("expected either values or an error");
      }
    }
  }

  /**
   * The installed poolers, and the broken plugins.
   *
   * @param catalog {@code {"poolers":[…],"broken":[…]}}
   */
  record Listed(JsonNode catalog) implements Last {
    public Listed {
      Objects.requireNonNull(catalog, "catalog");
    }
  }

  /**
   * How fast one of this machine's cores is.
   *
   * @param torch the version that measured
   * @param readGbPerSecond 10⁹ bytes a second, of memory that no cache holds
   * @param gflops of a product of large float32 matrices, 10⁹ operations a second
   */
  record Measured(String torch, double readGbPerSecond, double gflops) implements Last {
    public Measured {
      Objects.requireNonNull(torch, "torch");
    }
  }

  /** A command prints: results, or as an error. */
  record Printed(String text, boolean error) implements WorkerEvent {}

  /**
   * What follows is the doing of one pooler.
   *
   * @param pooler its spec
   * @param plugin the jar or file that it comes from
   * @param alone whether the command comes to nothing without it
   */
  record Trying(String pooler, String plugin, boolean alone) implements WorkerEvent {}

  /**
   * The pooler has had its turn.
   *
   * @param result what a later process is told of it
   */
  record Tried(String pooler, JsonNode result) implements WorkerEvent {}

  /** The command has come to its end. */
  record Finished(int exitCode) implements Last {}

  /** A pooler may have done harm, and the command has others: they want a new process. */
  record Unfinished() implements Last {}

  /** The job was cancelled before its end. */
  record Cancelled() implements Last {}

  /** Whose fault it is that a job came to nothing. */
  enum Fault {
    /** The input is not of its format. */
    MALFORMED,
    /** The request asks for what there is not. */
    REQUEST,
    /** The pooler's own code. */
    POOLER,
    /** The worker itself. */
    WORKER
  }

  /**
   * The job came to nothing.
   *
   * @param error one line
   */
  record Failed(String error, Fault fault) implements Last {
    public Failed {
      Objects.requireNonNull(error, "error");
      Objects.requireNonNull(fault, "fault");
    }
  }
}
