package dev.poolmark.evaluator.worker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poolmark.evaluator.batch.Tokens;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.evaluation.Evaluation;
import dev.poolmark.evaluator.evaluation.EvaluationRequest;
import dev.poolmark.evaluator.evaluation.EvaluationResult;
import dev.poolmark.evaluator.evaluation.Progress;
import dev.poolmark.evaluator.evaluation.Timing;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.plugin.BadSpecException;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.report.CatalogJson;
import dev.poolmark.evaluator.report.PairScoresCsv;
import dev.poolmark.evaluator.score.ScoreFormula;
import dev.poolmark.evaluator.torch.PoolerFault;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Serves requests one after the other. Each is a line of JSON, and so are the events:
 *
 * <pre>
 * {"type":"score","pooler":SPEC,"models":{SPEC:FILE},"data":DIR|"sample","batch_size":N,"pair_scores":FILE}
 *     → {"type":"progress",…} as of {@link Progress}, then {"type":"done","report":{…}}
 * {"type":"pool","format":"json"|"safetensors","pooler":SPEC,"models":{SPEC:FILE},"input":FILE,"output":FILE}
 * {"type":"similarity","models":{SPEC:FILE},"input":FILE,"output":FILE}
 *     → {"type":"pooled","sentences":N,"seconds":S}
 * {"type":"load","encoder":DIR|null,"pooler":SPEC|null} → {"type":"loaded"}
 * {"type":"embed","encoder":DIR|null,"pooler":SPEC|null,"texts":[…]}
 *     → {"type":"embedded","texts":[…],…} as of {@link TextEncoding#embed}
 * {"type":"poolers"} → {"type":"poolers","poolers":[…],"broken":[…]}
 * {"type":"cancel"} ends a score between two batches → {"type":"cancelled"}
 * </pre>
 *
 * What goes wrong is {@code {"type":"failed","error","fault"}}, where fault is {@code malformed}
 * (an input that is not of its format), {@code request}, {@code pooler} or {@code lane}. The end of
 * the input ends the process, whatever it is doing.
 */
public final class WorkerChild {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Plugins plugins;
  private final WorkerData data;
  private final OptionalInt core;
  private final PrintStream events;
  private final Pooling pooling = new Pooling();
  private final TextEncoding texts;
  private final BlockingQueue<JsonNode> requests = new LinkedBlockingQueue<>();

  /** What a cancel ends; null between scores. */
  private volatile Evaluation running;

  /**
   * @param plugins folders of plugins
   * @param cache a folder for the bundled encoders
   * @param core the core that scoring is pinned to; none where absent
   * @param events where events go
   */
  public WorkerChild(
      List<Path> plugins, WorkerData data, Path cache, OptionalInt core, PrintStream events) {
    this.plugins = new Plugins(plugins);
    this.data = data;
    this.texts = new TextEncoding(cache);
    this.core = core;
    this.events = events;
  }

  /** Serves until the input ends, which ends the process. */
  public void serve(BufferedReader input) throws InterruptedException {
    Thread reader = new Thread(() -> read(input), "lane-requests");
    reader.setDaemon(true);
    reader.start();
    while (true) {
      serve(requests.take());
    }
  }

  private void read(BufferedReader input) {
    try {
      for (String line = input.readLine(); line != null; line = input.readLine()) {
        take(line);
      }
    } catch (IOException e) {
      // The server is gone, as at the end of its requests.
    }
    // A pooler may never give its thread back, and its shutdown hooks are not trusted either.
    Runtime.getRuntime().halt(0);
  }

  private void take(String line) {
    try {
      JsonNode request = JSON.readTree(line);
      if (request.path("type").asText().equals("cancel")) {
        Evaluation evaluation = running;
        if (evaluation != null) {
          evaluation.cancel();
        }
      } else {
        requests.add(request);
      }
    } catch (JsonProcessingException e) {
      failed("request", "expected a request as one line of JSON, found: " + e.getOriginalMessage());
    }
  }

  private void serve(JsonNode request) {
    try {
      switch (request.path("type").asText()) {
        case "score" -> score(request);
        case "pool" -> pool(request);
        case "similarity" -> similarity(request);
        case "load" -> load(request);
        case "embed" -> embed(request);
        case "poolers" -> poolers();
        default -> failed("request", "expected a known type of request, found " + request);
      }
    } catch (BadTokensException.Malformed e) {
      failed("malformed", e.getMessage());
    } catch (BadSpecException | BadDataException | BadTokensException e) {
      failed("request", e.getMessage());
    } catch (PoolerFault e) {
      failed("pooler", e.getMessage());
    } catch (CancellationException e) {
      tell(event("cancelled"));
    } catch (IOException | RuntimeException | LinkageError | StackOverflowError e) {
      failed("lane", e.toString());
    }
  }

  private void score(JsonNode request) throws IOException {
    try (TokenStore store = data.open(request.path("data").asText())) {
      EvaluationRequest wanted =
          new EvaluationRequest(
              store,
              List.of(pooler(request, request.path("pooler").asText())),
              request.path("batch_size").asInt(64),
              ScoreFormula.DEFAULT,
              Optional.empty(),
              core,
              Timing.DEFAULT);
      running = new Evaluation(plugins.catalog(), wanted, this::tellProgress);
      EvaluationResult result = running.run().get(0);
      writePairScores(request.path("pair_scores").asText(), result);
      ObjectNode done = event("done");
      done.set("report", JSON.valueToTree(result.report()));
      tell(done);
    } finally {
      running = null;
    }
  }

  private void tellProgress(Progress progress) {
    if (progress instanceof Progress.Running) {
      tell(JSON.valueToTree(progress));
    }
  }

  private static void writePairScores(String file, EvaluationResult result) throws IOException {
    if (!file.isEmpty() && result.pairScores().isPresent()) {
      try (PairScoresCsv csv = new PairScoresCsv(Files.newBufferedWriter(Path.of(file)))) {
        csv.write(result.report().pooler().spec(), result.pairScores().get());
      }
    }
  }

  private void pool(JsonNode request) throws IOException {
    Path input = Path.of(request.path("input").asText());
    Path output = Path.of(request.path("output").asText());
    boolean json = request.path("format").asText().equals("json");
    PoolingRequest tokens =
        json
            ? JsonTokens.read(input, "inputs")
            : SafetensorsTokens.read(input, request.path("pooler").asText());
    long start = System.nanoTime();
    Embeddings embeddings =
        pooling.pool(
            plugins.catalog(), pooler(request, tokens.pooler()), tokens.sentences().get(0));
    double seconds = (System.nanoTime() - start) / 1e9;
    if (json) {
      embeddings.writeJson(output);
    } else {
      embeddings.writeSafetensors(output);
    }
    tellPooled(embeddings.count(), seconds);
  }

  private void similarity(JsonNode request) throws IOException {
    Path input = Path.of(request.path("input").asText());
    PoolingRequest pairs = JsonTokens.read(input, "first", "second");
    Tokens first = pairs.sentences().get(0);
    Tokens second = pairs.sentences().get(1);
    if (first.count() != second.count()) {
      throw new BadTokensException(
          String.format(
              Locale.ROOT,
              "expected as many sentences in 'second' as in 'first', found %d and %d",
              second.count(),
              first.count()));
    }
    PluginCatalog catalog = plugins.catalog();
    PoolerSpec pooler = pooler(request, pairs.pooler());
    long start = System.nanoTime();
    Embeddings one = pooling.pool(catalog, pooler, first);
    Embeddings other = pooling.pool(catalog, pooler, second);
    double seconds = (System.nanoTime() - start) / 1e9;
    one.writeSimilarities(other, Path.of(request.path("output").asText()));
    tellPooled(first.count() + second.count(), seconds);
  }

  /** The pooler that a spec names; where models are given, it can name no other file. */
  private static PoolerSpec pooler(JsonNode request, String spec) {
    if (!request.has("models")) {
      return PoolerSpec.parse(spec);
    }
    JsonNode model = request.get("models").get(spec);
    if (model != null) {
      return PoolerSpec.file(spec, Path.of(model.asText()));
    }
    if (!spec.matches("[a-z][a-z0-9_-]*(:.*)?(?<!\\.pt)")) {
      throw new BadSpecException(
          String.format(
              Locale.ROOT,
              "expected a pooler's name or one of the models %s, found '%s'",
              fieldNames(request.get("models")),
              spec));
    }
    return PoolerSpec.named(spec);
  }

  private static List<String> fieldNames(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private void tellPooled(int sentences, double seconds) {
    tell(event("pooled").put("sentences", sentences).put("seconds", seconds));
  }

  private void load(JsonNode request) throws IOException {
    texts.load(plugins.catalog(), request);
    tell(event("loaded"));
  }

  private void embed(JsonNode request) throws IOException {
    texts.load(plugins.catalog(), request);
    tell(texts.embed(request));
  }

  private void poolers() {
    ObjectNode listing = event("poolers");
    listing.setAll(CatalogJson.of(plugins.catalog()));
    tell(listing);
  }

  private void failed(String fault, String error) {
    tell(event("failed").put("error", error).put("fault", fault));
  }

  private static ObjectNode event(String type) {
    return JSON.createObjectNode().put("type", type);
  }

  /** A line of its own, also after a pooler's native code has printed half a line. */
  private synchronized void tell(JsonNode event) {
    events.print("\n" + event + "\n");
    events.flush();
  }
}
