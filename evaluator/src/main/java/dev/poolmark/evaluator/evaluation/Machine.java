package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.evaluation.Bench.Facts;
import dev.poolmark.evaluator.evaluation.EvaluationReport.Environment;
import dev.poolmark.evaluator.torch.TorchEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where the time is taken. */
public final class Machine {

  private static final Path LINUX_NAME = Path.of("/proc/sys/kernel/hostname");
  private static final String CPU = readCpu();

  private Machine() {}

  /**
   * @param facts of the pooler that ran; absent where none was loaded
   */
  static Environment environment(EvaluationRequest request, Optional<Facts> facts) {
    return new Environment(
        facts.map(Facts::torch).orElseGet(TorchEngine::version),
        facts.map(Facts::threads).orElse(1),
        CPU,
        Runtime.version().toString(),
        facts.map(Facts::python).orElse(null),
        request.batchSize(),
        order(request.timing()),
        host().orElse(null),
        description());
  }

  private static String order(Timing timing) {
    return String.format(
        Locale.ROOT,
        "files' order, %s; %s in turn, %s",
        timing.protocol().key(),
        "passes over the data of the pooler and of " + Contest.REFERENCE,
        timing.passes() == 1 ? "one of each" : "the median of " + timing.passes());
  }

  /** Processor, cores and system in one text; where two of them differ, so do their times. */
  public static String description() {
    return String.format(
        Locale.ROOT,
        "%s, %d cores, %s %s",
        CPU,
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("os.name"),
        System.getProperty("os.arch"));
  }

  /** The processor's model, as the system tells it. */
  public static String cpu() {
    return CPU;
  }

  /** The host's name by the system's own word: a server of names may keep one waiting. */
  public static Optional<String> host() {
    try {
      if (Files.isReadable(LINUX_NAME)) {
        return named(Files.readString(LINUX_NAME));
      }
    } catch (IOException e) {
      // The environment may know.
    }
    return named(System.getenv("HOSTNAME")).or(() -> named(System.getenv("COMPUTERNAME")));
  }

  private static Optional<String> named(@Nullable String name) {
    return Optional.ofNullable(name).map(String::strip).filter(text -> !text.isEmpty());
  }

  private static String readCpu() {
    Path linux = Path.of("/proc/cpuinfo");
    if (Files.isReadable(linux)) {
      try (Stream<String> lines = Files.lines(linux)) {
        return lines
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .findFirst()
            .orElse(System.getProperty("os.arch"));
      } catch (IOException e) {
        return System.getProperty("os.arch");
      }
    }
    return System.getProperty("os.arch");
  }
}
