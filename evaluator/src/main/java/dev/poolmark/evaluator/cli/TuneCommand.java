package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.files.AtomicFile;
import dev.poolmark.evaluator.report.TuneHtml;
import dev.poolmark.evaluator.report.TuneTable;
import dev.poolmark.evaluator.tuning.Crew;
import dev.poolmark.evaluator.tuning.TuneReport;
import dev.poolmark.evaluator.tuning.TuneRequest;
import dev.poolmark.evaluator.tuning.Tuning;
import dev.poolmark.evaluator.worker.BrokenJars;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Searches the best submission for some tokens. */
@Command(
    name = "tune",
    mixinStandardHelpOptions = true,
    description =
        "Search for the best submission, within a budget of time: the pooler, its options and its"
            + " training. With --format json each event is a line of JSON.")
final class TuneCommand implements Callable<Integer> {

  /** What is left to do after Ctrl-C: the best so far is copied, packed and reported. */
  private static final long GRACE_SECONDS = 30;

  @Spec private CommandSpec spec;

  /** What these say, the trials read: they get the same words. */
  @Mixin
  @SuppressWarnings("UnusedVariable")
  private DataOptions data;

  @Mixin
  @SuppressWarnings("UnusedVariable")
  private PluginOptions plugins;

  @Mixin private FormatOption format;
  @Mixin private TuneOptions options;

  @Override
  public Integer call() throws IOException {
    long start = System.nanoTime();
    if (options.trials != null && options.trials < 1) {
      throw new ParameterException(
          spec.commandLine(), "--trials: expected at least 1, found " + options.trials);
    }
    PrintWriter err = spec.commandLine().getErr();
    CountDownLatch ended = new CountDownLatch(1);
    BrokenJars broken = new BrokenJars(jar -> err.println("poolmark: " + jar + "; it is left out"));
    int cores = Runtime.getRuntime().availableProcessors();
    try (TuneCrew crew =
            new TuneCrew(cores, WorkerRelay.program(List.of("--engine")), arguments(), broken);
        TuneDisplay display = new TuneDisplay(format.isJson(), spec.commandLine().getOut(), err)) {
      Tuning tuning = new Tuning(request(), crew, display, start);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> interrupted(tuning, ended)));
      TuneReport report = tuning.run();
      AtomicFile.writeString(
          options.out.resolve("report.html"), TuneHtml.render(report, tuning.trials()));
      display.close();
      if (!format.isJson()) {
        spec.commandLine().getOut().print(TuneTable.render(report));
        spec.commandLine().getOut().flush();
      }
      return tuning.isCancelled() ? ExitCode.INTERRUPTED : ExitCode.DONE;
    } catch (Crew.TaskFault fault) {
      err.println("poolmark: " + fault.getMessage());
      return fault.exitCode();
    } finally {
      ended.countDown();
    }
  }

  private TuneRequest request() {
    return new TuneRequest(
        options.out,
        options.budget,
        options.trials == null ? OptionalInt.empty() : OptionalInt.of(options.trials),
        options.seed,
        options.refit,
        options.resume);
  }

  /** All words after the command's name. */
  private List<String> arguments() {
    List<String> words = spec.root().commandLine().getParseResult().originalArgs();
    return words.subList(words.indexOf(spec.name()) + 1, words.size());
  }

  private static void interrupted(Tuning tuning, CountDownLatch ended) {
    if (ended.getCount() == 0) {
      return;
    }
    tuning.cancel();
    try {
      ended.await(GRACE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
