package dev.poolmark.evaluator.worker;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonSubTypes.Type;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeInfo.Id;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What a worker's child process is asked. */
@JsonTypeInfo(use = Id.NAME, property = "type")
@JsonSubTypes({
  @Type(value = WorkerRequest.Setup.class, name = "setup"),
  @Type(value = WorkerRequest.Cancel.class, name = "cancel"),
  @Type(value = WorkerRequest.Score.class, name = "score"),
  @Type(value = WorkerRequest.Compare.class, name = "compare"),
  @Type(value = WorkerRequest.Render.class, name = "render"),
  @Type(value = WorkerRequest.Pool.class, name = "pool"),
  @Type(value = WorkerRequest.Similarity.class, name = "similarity"),
  @Type(value = WorkerRequest.Load.class, name = "load"),
  @Type(value = WorkerRequest.Embed.class, name = "embed"),
  @Type(value = WorkerRequest.Poolers.class, name = "poolers"),
  @Type(value = WorkerRequest.Measure.class, name = "measure"),
  @Type(value = WorkerRequest.Command.class, name = "command")
})
public sealed interface WorkerRequest {

  /**
   * The first request to each child.
   *
   * @param plugins folders of plugins
   * @param broken plugins that are not to be loaded as long as they are as they were
   */
  record Setup(List<Path> plugins, List<BrokenJar> broken) implements WorkerRequest {
    public Setup {
      plugins = List.copyOf(plugins);
      broken = List.copyOf(broken);
    }
  }

  /**
   * Ends a job between two batches, also one that has not begun.
   *
   * @param job which of the child's jobs, counted from 1
   */
  record Cancel(int job) implements WorkerRequest {}

  /** What is answered by a {@link WorkerEvent.Last}, one after the other. */
  sealed interface Job extends WorkerRequest {}

  /**
   * Scores a pooler; the answer is {@link WorkerEvent.Scored}, after {@link WorkerEvent.Running}.
   *
   * @param models files and folders that the spec may name, by what they are called; null where it
   *     may name any
   * @param data what it is scored on
   * @param batchSize pairs a batch
   * @param timing how time is taken
   * @param pairScores a CSV file that receives label and similarities of each pair; null for none
   */
  record Score(
      String pooler,
      @Nullable Map<String, Path> models,
      Data data,
      int batchSize,
      Timing timing,
      @Nullable Path pairScores)
      implements Job {
    public Score {
      Objects.requireNonNull(pooler, "pooler");
      Objects.requireNonNull(data, "data");
      Objects.requireNonNull(timing, "timing");
      models = models == null ? null : Map.copyOf(models);
    }
  }

  /**
   * Labelled pairs.
   *
   * @param place their folder, the file of their token store, or {@code sample}
   * @param name what the data set is called
   * @param sha256 their hash; null where whatever is there is meant
   */
  record Data(String place, String name, @Nullable String sha256) {
    public Data {
      Objects.requireNonNull(place, "place");
      Objects.requireNonNull(name, "name");
    }
  }

  /**
   * How a score's time is taken, in the words of the command line.
   *
   * @param engine {@code java} or {@code python}
   * @param protocol {@code fresh}, {@code cold} or {@code hot}
   * @param allProtocols whether all protocols are timed at all batch sizes besides
   */
  record Timing(String engine, String protocol, boolean allProtocols) {

    public static final List<String> ENGINES = List.of("java", "python");
    public static final List<String> PROTOCOLS = List.of("fresh", "cold", "hot");
    public static final Timing DEFAULT = new Timing("java", "fresh", false);

    public Timing {
      if (!ENGINES.contains(engine)) {
        throw new IllegalArgumentException(
            String.format(Locale.ROOT, "engine: expected one of %s, found '%s'", ENGINES, engine));
      }
      if (!PROTOCOLS.contains(protocol)) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT, "protocol: expected one of %s, found '%s'", PROTOCOLS, protocol));
      }
    }
  }

  /**
   * Compares scores of the same pairs; the answer is {@link WorkerEvent.Compared}.
   *
   * @param scores each of another name, the one that the others are compared with first
   */
  record Compare(List<Kept> scores) implements Job {
    public Compare {
      scores = List.copyOf(scores);
      if (scores.isEmpty()) {
        throw new IllegalArgumentException("expected at least one score, found none");
      }
    }
  }

  /**
   * A score as it was kept.
   *
   * @param name what it is called in the answer
   * @param report as in {@link WorkerEvent.Scored}
   * @param passes as there
   * @param pairScores the file that {@link Score} named, gzipped
   */
  record Kept(String name, JsonNode report, JsonNode passes, Path pairScores) {
    public Kept {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(report, "report");
      Objects.requireNonNull(passes, "passes");
      Objects.requireNonNull(pairScores, "pairScores");
    }
  }

  /**
   * Writes reports as {@code score} does; the answer is {@link WorkerEvent.Rendered}.
   *
   * @param format {@code csv}, {@code json} or {@code mteb}
   * @param reports as in {@link WorkerEvent.Scored}
   */
  record Render(String format, List<JsonNode> reports) implements Job {
    public Render {
      Objects.requireNonNull(format, "format");
      reports = List.copyOf(reports);
    }
  }

  /** How token embeddings are laid out in a file. */
  enum Format {
    JSON,
    SAFETENSORS
  }

  /**
   * Pools token embeddings of a file into another; the answer is {@link WorkerEvent.Pooled}.
   *
   * @param pooler a spec; null where the input names it
   * @param models as for {@link Score}
   */
  record Pool(
      Format format,
      @Nullable String pooler,
      @Nullable Map<String, Path> models,
      Path input,
      Path output)
      implements Job {
    public Pool {
      Objects.requireNonNull(format, "format");
      Objects.requireNonNull(input, "input");
      Objects.requireNonNull(output, "output");
      models = models == null ? null : Map.copyOf(models);
    }
  }

  /** Pools pairs of a JSON file and compares them; the answer is {@link WorkerEvent.Pooled}. */
  record Similarity(@Nullable Map<String, Path> models, Path input, Path output) implements Job {
    public Similarity {
      Objects.requireNonNull(input, "input");
      Objects.requireNonNull(output, "output");
      models = models == null ? null : Map.copyOf(models);
    }
  }

  /**
   * What turns texts into embeddings.
   *
   * @param encoder a model folder; null for the bundled encoders
   * @param pooler a spec; null for the model's own
   */
  record Model(@Nullable Path encoder, @Nullable String pooler) {}

  /** Loads a model; the answer is {@link WorkerEvent.Loaded}. */
  record Load(Model model) implements Job {
    public Load {
      Objects.requireNonNull(model, "model");
    }
  }

  /** Encodes a batch of texts; the answer is {@link WorkerEvent.Embedded}. */
  record Embed(Model model, List<Text> texts) implements Job {
    public Embed {
      Objects.requireNonNull(model, "model");
      texts = List.copyOf(texts);
    }
  }

  /** From which end a text that is too long is cut. */
  enum Truncation {
    LEFT,
    RIGHT
  }

  /** What a text is to the model, which may have a prompt for it. */
  enum Role {
    ANY,
    QUERY,
    DOCUMENT
  }

  /**
   * One text.
   *
   * @param text as somebody wrote it; null where it comes as ids
   * @param ids of the model's vocabulary; null where it comes as text
   * @param truncation null where a text that is too long is refused
   * @param prompt the name of the model's prompt that it is put behind; null for that of its role
   * @param all whether an embedding is wanted for each token rather than one for the text
   */
  record Text(
      @Nullable String text,
      @Nullable List<Integer> ids,
      @Nullable Truncation truncation,
      @Nullable String prompt,
      Role role,
      boolean all) {
    public Text {
      if ((text == null) == (ids == null)) {
        throw new IllegalArgumentException("expected either text or ids");
      }
      Objects.requireNonNull(role, "role");
      ids = ids == null ? null : List.copyOf(ids);
    }
  }

  /**
   * Runs a command of the command line; the answer is {@link WorkerEvent.Finished}, after {@link
   * WorkerEvent.Printed} and {@link WorkerEvent.Trying}.
   *
   * @param terminal whether what is printed as errors is seen on a terminal
   * @param rows what earlier processes made of poolers of the same command
   */
  record Command(List<String> arguments, boolean terminal, List<Row> rows) implements Job {
    public Command {
      arguments = List.copyOf(arguments);
      rows = List.copyOf(rows);
    }
  }

  /**
   * What became of one of a command's poolers.
   *
   * @param pooler its spec
   * @param result what the command made of it; null where its process died
   * @param finding how its process died; null where it didn't
   */
  record Row(String pooler, @Nullable JsonNode result, @Nullable String finding) {
    public Row {
      Objects.requireNonNull(pooler, "pooler");
      result = result == null || result.isNull() ? null : result; // as JSON tells it
      if ((result == null) == (finding == null)) {
        throw new IllegalArgumentException("expected either a result or a finding");
      }
    }
  }

  /** Lists the poolers; the answer is {@link WorkerEvent.Listed}. */
  record Poolers() implements Job {}

  /** Measures a core; the answer is {@link WorkerEvent.Measured}. */
  record Measure() implements Job {}
}
