package dev.poolmark.evaluator.worker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.poolmark.evaluator.batch.Tokens;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.evaluation.Engine;
import dev.poolmark.evaluator.evaluation.Evaluation;
import dev.poolmark.evaluator.evaluation.EvaluationRequest;
import dev.poolmark.evaluator.evaluation.EvaluationResult;
import dev.poolmark.evaluator.evaluation.Progress;
import dev.poolmark.evaluator.evaluation.Protocol;
import dev.poolmark.evaluator.evaluation.Timing;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.files.UnwrittenException;
import dev.poolmark.evaluator.plugin.BadSpecException;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.report.CatalogJson;
import dev.poolmark.evaluator.report.PairScoresCsv;
import dev.poolmark.evaluator.score.ScoreFormula;
import dev.poolmark.evaluator.torch.CoreSpeed;
import dev.poolmark.evaluator.torch.PoolerFault;
import dev.poolmark.evaluator.torch.TorchEngine;
import dev.poolmark.evaluator.worker.WorkerEvent.Fault;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * The child's end: serves {@link WorkerRequest}s one after the other and tells {@link
 * WorkerEvent}s. The end of the requests ends the process, whatever it is doing. A plugin in it may
 * do anything: interrupt its threads, throw what is not declared, leave a hook that never ends.
 */
public final class WorkerChild {

  /** What a plugin's shutdown hooks may take where it ends the process. */
  private static final long HOOKS_MILLIS = 2000;

  private final WorkerData data;
  private final CommandRunner commands;
  private final OptionalInt core;
  private final OutputStream events;
  private final Pooling pooling = new Pooling();
  private final TextEncoding texts;
  private final BlockingQueue<WorkerRequest.Job> jobs = new LinkedBlockingQueue<>();

  /** Null until the first request, which sets up. */
  private volatile @Nullable Plugins plugins;

  /** The number of the newest job that a cancel was for. */
  private volatile int cancelled;

  /** What a cancel ends; null between scores. */
  private volatile @Nullable Evaluation running;

  /** What a cancel ends; null between commands. */
  private volatile @Nullable HostedCommand command;

  private volatile boolean busy;

  /** Whether a plugin may have done harm to this process, or goes on to. */
  private boolean spent;

  /** The number of the job that is being served, counted from 1. */
  private volatile int job;

  /**
   * @param cache for the bundled encoders
   * @param core the core that scoring is pinned to; none where absent
   * @param events where events go
   */
  public WorkerChild(
      WorkerData data,
      CommandRunner commands,
      CachePlace cache,
      OptionalInt core,
      OutputStream events) {
    this.data = data;
    this.commands = commands;
    this.texts = new TextEncoding(cache);
    this.core = core;
    this.events = events;
  }

  /** Serves until the input ends, which ends the process. */
  public void serve(InputStream input) {
    Runtime.getRuntime().addShutdownHook(new Thread(WorkerChild::haltSoon));
    Runtime.getRuntime().addShutdownHook(new Thread(WorkerChild::endStarted));
    Thread reader = new Thread(() -> read(input), "worker-requests");
    reader.setDaemon(true);
    reader.start();
    int taken = 0;
    while (true) {
      try {
        WorkerRequest.Job next = jobs.take();
        taken++;
        job = taken;
        serve(next);
      } catch (InterruptedException e) {
        // By a plugin: nobody else would.
      }
    }
  }

  private static void haltSoon() {
    Thread end =
        new Thread(
            () -> {
              long deadline = System.nanoTime() + HOOKS_MILLIS * 1_000_000;
              while (System.nanoTime() - deadline < 0) {
                try {
                  Thread.sleep(HOOKS_MILLIS / 10);
                } catch (InterruptedException e) {
                  // As above.
                }
              }
              Runtime.getRuntime().halt(1);
            });
    end.setDaemon(true);
    end.start();
  }

  private void read(InputStream input) {
    try {
      for (WorkerRequest request = Wire.read(input, WorkerRequest.class);
          request != null;
          request = Wire.read(input, WorkerRequest.class)) {
        take(request);
      }
    } catch (JsonProcessingException e) {
      System.err.println("expected a request, found: " + e.getOriginalMessage());
      Runtime.getRuntime().halt(1);
    } catch (IOException e) {
      // The parent is gone, as at the end of its requests.
    }
    endStarted();
    if (!busy) {
      System.exit(0); // libraries delete what they have unpacked
    }
    // A pooler may never give its thread back, and its shutdown hooks are not trusted either.
    Runtime.getRuntime().halt(0);
  }

  /** What a plugin has started ends with the run. */
  private static void endStarted() {
    Started.here().end(ProcessHandle.current());
  }

  private void take(WorkerRequest request) {
    if (request instanceof WorkerRequest.Setup setup) {
      plugins = new Plugins(setup, plugin -> tell(new WorkerEvent.Loading(plugin)));
    } else if (request instanceof WorkerRequest.Cancel cancel) {
      cancelled = cancel.job();
      Evaluation evaluation = running;
      if (evaluation != null && job == cancel.job()) {
        evaluation.cancel();
      }
      HostedCommand hosted = command;
      if (hosted != null && job == cancel.job()) {
        hosted.cancel();
      }
    } else if (request instanceof WorkerRequest.Job next) {
      jobs.add(next);
    }
  }

  private void serve(WorkerRequest.Job next) {
    busy = true;
    Thread.interrupted(); // by an earlier plugin
    WorkerEvent.Last last = answer(next);
    if (next instanceof WorkerRequest.Score) {
      endStarted();
    }
    busy = false;
    tell(last);
    if (spent) {
      System.exit(0); // the next job is for a new process
    }
  }

  /** How a job ends: a pooler's code is behind most of them, so whatever is thrown is an answer. */
  private WorkerEvent.Last answer(WorkerRequest.Job next) {
    try {
      checkCancelled();
      if (next instanceof WorkerRequest.Command wanted) {
        return command(wanted);
      }
      PluginCatalog catalog = plugins().catalog();
      tell(new WorkerEvent.Begun());
      if (next instanceof WorkerRequest.Score score) {
        return score(score, catalog);
      } else if (next instanceof WorkerRequest.Compare compare) {
        return new WorkerEvent.Compared(Wire.JSON.valueToTree(KeptScores.standings(compare)));
      } else if (next instanceof WorkerRequest.Render render) {
        return new WorkerEvent.Rendered(KeptScores.rendered(render));
      } else if (next instanceof WorkerRequest.Pool pool) {
        return pool(pool, catalog);
      } else if (next instanceof WorkerRequest.Similarity similarity) {
        return similarity(similarity, catalog);
      } else if (next instanceof WorkerRequest.Load load) {
        texts.load(catalog, load.model());
        return new WorkerEvent.Loaded();
      } else if (next instanceof WorkerRequest.Embed embed) {
        texts.load(catalog, embed.model());
        return texts.embed(embed.texts());
      } else if (next instanceof WorkerRequest.Measure) {
        return measured();
      }
      return new WorkerEvent.Listed(CatalogJson.of(catalog));
    } catch (BadTokensException.Malformed e) {
      return failed(e, Fault.MALFORMED);
    } catch (BadSpecException | BadDataException | BadTokensException e) {
      return failed(e, Fault.REQUEST);
    } catch (PoolerFault e) {
      return failed(e, Fault.POOLER);
    } catch (CancellationException e) {
      return new WorkerEvent.Cancelled();
    } catch (Throwable e) {
      return new WorkerEvent.Failed(words(e), Fault.WORKER);
    }
  }

  private static WorkerEvent.Measured measured() {
    CoreSpeed speed = CoreSpeed.measure();
    return new WorkerEvent.Measured(TorchEngine.version(), speed.readGbPerSecond(), speed.gflops());
  }

  /** A file that could not be written is told as such, however it came here. */
  private static String words(Throwable fault) {
    Throwable told =
        fault instanceof UncheckedIOException io ? Objects.requireNonNull(io.getCause()) : fault;
    return told instanceof UnwrittenException
        ? String.valueOf(told.getMessage())
        : PoolerFault.described(told);
  }

  private Plugins plugins() {
    return Objects.requireNonNull(plugins, "the first request sets up");
  }

  private static WorkerEvent.Failed failed(RuntimeException e, Fault fault) {
    return new WorkerEvent.Failed(Objects.requireNonNull(e.getMessage(), "error"), fault);
  }

  /** Its plugins are known by its arguments alone. */
  private WorkerEvent.Last command(WorkerRequest.Command wanted) {
    tell(new WorkerEvent.Begun());
    HostedCommand hosted = new HostedCommand(wanted, plugins(), this::tell);
    command = hosted;
    try {
      checkCancelled();
      return hosted.run(commands);
    } finally {
      command = null;
    }
  }

  private void checkCancelled() {
    if (cancelled == job) {
      throw new CancellationException("cancelled");
    }
  }

  private WorkerEvent.Last score(WorkerRequest.Score request, PluginCatalog catalog)
      throws IOException {
    try (TokenStore store = data.open(request.data())) {
      checkSame(request.data(), store);
      EvaluationRequest wanted =
          new EvaluationRequest(
              store,
              List.of(pooler(request.models(), request.pooler())),
              request.batchSize(),
              ScoreFormula.DEFAULT,
              Optional.empty(),
              core,
              timing(request.timing()));
      Evaluation evaluation = new Evaluation(catalog, wanted, this::tellProgress);
      running = evaluation;
      checkCancelled();
      EvaluationResult result = evaluation.run().get(0);
      spent = evaluation.harmed();
      writePairScores(request.pairScores(), result);
      return new WorkerEvent.Scored(
          Wire.JSON.valueToTree(result.report()), Wire.JSON.valueToTree(result.passes()));
    } finally {
      running = null;
    }
  }

  /** What stands at a place may have been changed since somebody asked for a score on it. */
  private static void checkSame(WorkerRequest.Data wanted, TokenStore found) {
    if (wanted.sha256() != null && !wanted.sha256().equals(found.sha256())) {
      throw new BadDataException(
          Path.of(wanted.name()),
          "the data that the run was submitted with, sha256 " + wanted.sha256(),
          "other data, sha256 " + found.sha256());
    }
  }

  private static Timing timing(WorkerRequest.Timing asked) {
    return new Timing(
        Engine.valueOf(asked.engine().toUpperCase(Locale.ROOT)),
        Protocol.valueOf(asked.protocol().toUpperCase(Locale.ROOT)),
        asked.allProtocols(),
        Timing.DEFAULT.passes());
  }

  private void tellProgress(Progress progress) {
    if (progress instanceof Progress.Running) {
      JsonNode json = Wire.JSON.valueToTree(progress);
      tell(new WorkerEvent.Running(json));
    }
  }

  private static void writePairScores(@Nullable Path file, EvaluationResult result)
      throws IOException {
    if (file != null && result.pairScores().isPresent()) {
      try (PairScoresCsv csv = new PairScoresCsv(Files.newBufferedWriter(file))) {
        csv.write(result.report().pooler().spec(), result.pairScores().get());
      }
    }
  }

  private WorkerEvent.Last pool(WorkerRequest.Pool request, PluginCatalog catalog)
      throws IOException {
    boolean json = request.format() == WorkerRequest.Format.JSON;
    PoolingRequest tokens =
        json
            ? JsonTokens.read(request.input(), "inputs")
            : SafetensorsTokens.read(
                request.input(), Objects.requireNonNull(request.pooler(), "pooler"));
    long start = System.nanoTime();
    Embeddings embeddings =
        pooling.pool(catalog, pooler(request.models(), tokens.pooler()), tokens.sentences().get(0));
    double seconds = (System.nanoTime() - start) / 1e9;
    if (json) {
      embeddings.writeJson(request.output());
    } else {
      embeddings.writeSafetensors(request.output());
    }
    return new WorkerEvent.Pooled(embeddings.count(), seconds);
  }

  private WorkerEvent.Last similarity(WorkerRequest.Similarity request, PluginCatalog catalog)
      throws IOException {
    PoolingRequest pairs = JsonTokens.read(request.input(), "first", "second");
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
    PoolerSpec pooler = pooler(request.models(), pairs.pooler());
    long start = System.nanoTime();
    Embeddings one = pooling.pool(catalog, pooler, first);
    Embeddings other = pooling.pool(catalog, pooler, second);
    double seconds = (System.nanoTime() - start) / 1e9;
    one.writeSimilarities(other, request.output());
    return new WorkerEvent.Pooled(first.count() + second.count(), seconds);
  }

  /** The pooler that a spec names; where models are given, it can name no other file. */
  private static PoolerSpec pooler(@Nullable Map<String, Path> models, String spec) {
    if (models == null) {
      return PoolerSpec.parse(spec);
    }
    Path model = models.get(spec);
    if (model != null) {
      return PoolerSpec.file(spec, model);
    }
    if (!spec.matches("[a-z][a-z0-9_-]*(:.*)?(?<!\\.pt)")) {
      throw new BadSpecException(
          String.format(
              Locale.ROOT,
              "expected a pooler's name or one of the models %s, found '%s'",
              new TreeSet<>(models.keySet()),
              spec));
    }
    return PoolerSpec.named(spec);
  }

  private synchronized void tell(WorkerEvent event) {
    try {
      Wire.write(event, events);
    } catch (IOException e) {
      Runtime.getRuntime().halt(0); // nobody listens
    }
  }
}
