package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.evaluation.EvaluationReport.Environment;
import dev.poolmark.evaluator.torch.TorchEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;

/** Where the time is taken. */
final class Machine {

  private static final String CPU = cpu();

  private Machine() {}

  static Environment environment(int batchSize) {
    return new Environment(
        TorchEngine.version(),
        TorchEngine.threads(),
        CPU,
        Runtime.version().toString(),
        batchSize,
        String.format(
            Locale.ROOT,
            "files' order; the pooler and %s in turn, fastest of %d passes a batch",
            Contest.REFERENCE,
            Stopwatch.PASSES));
  }

  private static String cpu() {
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
