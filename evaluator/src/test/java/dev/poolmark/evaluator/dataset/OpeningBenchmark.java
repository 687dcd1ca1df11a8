package dev.poolmark.evaluator.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Opens a data set of 300 pairs of 20 tokens: parsed, hashed, or found untouched. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class OpeningBenchmark {

  private Path folder;
  private Optional<Path> cache;
  private PairFiles files;

  @Setup(Level.Trial)
  public void writeFiles() throws IOException, InterruptedException {
    folder = Files.createTempDirectory("opening");
    cache = Optional.of(folder.resolve("cache"));
    ParsingBenchmark text = new ParsingBenchmark();
    text.digits = "5-9";
    text.writeText();
    byte[] rows = text.text; // 10 rows
    for (String name : new String[] {"first.txt", "second.txt"}) {
      for (int i = 0; i < 30; i++) {
        Files.write(
            folder.resolve(name), rows, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
      }
    }
    Files.writeString(folder.resolve("labels.txt"), "2.5\n".repeat(300));
    files = PairFiles.in(folder);
    Thread.sleep(2100); // until the files' times are settled
    TokenStores.open(files, 768, cache, "bench").close();
  }

  @Benchmark
  public int open() throws IOException {
    try (TokenStore store = TokenStores.open(files, 768, cache, "bench")) {
      return store.rows();
    }
  }

  @Benchmark
  public int hashAndOpen() throws IOException {
    Files.setLastModifiedTime(files.labels(), FileTime.fromMillis(System.nanoTime() / 1_000_000));
    return open();
  }

  @Benchmark
  public int parse() throws IOException {
    try (TokenStore store = TokenStores.open(files, 768, Optional.empty(), "bench")) {
      return store.rows();
    }
  }

  @TearDown(Level.Trial)
  public void deleteFiles() throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      paths.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    }
  }
}
