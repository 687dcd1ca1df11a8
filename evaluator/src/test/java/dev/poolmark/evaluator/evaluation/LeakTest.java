package dev.poolmark.evaluator.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Structure;
import dev.poolmark.evaluator.dataset.PairFiles;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.dataset.TokenStores;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.score.ScoreFormula;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an evaluation takes from the system, it gives back. */
class LeakTest {

  private static final int EVALUATIONS = 100;
  private static final int PAIRS = 48;
  private static final int DIM = 768;

  /**
   * What malloc has given out moves by some 10 MB from one moment to the next. A batch that each
   * evaluation forgot would be 300 MB, a pooler that it forgot 80 MB.
   */
  private static final long MOST_BYTES = 32 << 20;

  @TempDir static Path folder;
  private static PluginCatalog catalog;

  @BeforeAll
  static void writeData() throws IOException {
    assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")), "only Linux tells what is open");
    Random random = new Random(3);
    for (String name : List.of("first.txt", "second.txt", "labels.txt")) {
      StringBuilder text = new StringBuilder();
      for (int pair = 0; pair < PAIRS; pair++) {
        text.append(name.equals("labels.txt") ? pair % 6 : row(1 + random.nextInt(20), random));
        text.append('\n');
      }
      Files.writeString(folder.resolve(name), text);
    }
    catalog = PluginCatalog.of(List.of(Path.of(System.getProperty("poolmark.plugins"))));
  }

  private static String row(int tokens, Random random) {
    StringBuilder row = new StringBuilder().append(tokens).append(' ').append(DIM);
    for (int i = 0; i < tokens * DIM; i++) {
      row.append(String.format(Locale.ROOT, " %.2f", random.nextGaussian()));
    }
    return row.toString();
  }

  @Test
  void aHundredEvaluationsLeaveNoMemoryNoFileAndNoMapping() throws IOException {
    for (int i = 0; i < 10; i++) { // what is made once, and kept
      evaluate();
    }
    Held before = Held.now();
    for (int i = 0; i < EVALUATIONS; i++) {
      evaluate();
    }
    Held after = Held.now();
    assertEquals(before.files(), after.files());
    assertEquals(before.mappings(), after.mappings());
    long grown = after.nativeBytes() - before.nativeBytes();
    assertTrue(grown < MOST_BYTES, "native memory grew by " + grown + " bytes");
  }

  /** Opens the data anew; the reference has no weights, the pooler has. */
  private static void evaluate() throws IOException {
    Optional<Path> cache = Optional.of(folder.resolve("cache"));
    try (TokenStore data = TokenStores.open(PairFiles.in(folder), DIM, cache, "leaks")) {
      EvaluationRequest request =
          new EvaluationRequest(
              data,
              List.of(PoolerSpec.parse("attention:output_dim=256")),
              PAIRS,
              ScoreFormula.DEFAULT,
              Optional.empty(),
              OptionalInt.empty(),
              new Timing(Engine.JAVA, Protocol.FRESH, false, 1));
      for (EvaluationResult result : new Evaluation(catalog, request, progress -> {}).run()) {
        assertNotNull(result.report().total(), result.report().findings()::toString);
      }
    }
  }

  /**
   * What this process holds.
   *
   * @param nativeBytes what malloc has given out
   * @param files open descriptors, by what they lead to
   * @param mappings of files of the tests
   */
  private record Held(long nativeBytes, List<String> files, List<String> mappings) {

    static Held now() throws IOException {
      for (int i = 0; i < 3; i++) { // cleaners work after the collection
        System.gc();
        LockSupport.parkNanos(50_000_000);
      }
      return new Held(allocated(), openFiles(), mappedFiles());
    }

    private static long allocated() {
      Function mallinfo2 = NativeLibrary.getInstance("c").getFunction("mallinfo2");
      Mallinfo info = (Mallinfo) mallinfo2.invoke(Mallinfo.class, new Object[0]);
      return info.uordblks + info.hblkhd;
    }

    private static List<String> openFiles() throws IOException {
      try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
        return descriptors.filter(Files::exists).map(Held::target).sorted().toList();
      }
    }

    private static String target(Path descriptor) {
      try {
        return Files.readSymbolicLink(descriptor).toString();
      } catch (IOException e) {
        return "the descriptor of this listing";
      }
    }

    private static List<String> mappedFiles() throws IOException {
      try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
        return maps.filter(line -> line.contains(folder.toString())).toList();
      }
    }
  }

  /** glibc's own account. */
  @Structure.FieldOrder({
    "arena",
    "ordblks",
    "smblks",
    "hblks",
    "hblkhd",
    "usmblks",
    "fsmblks",
    "uordblks",
    "fordblks",
    "keepcost"
  })
  public static final class Mallinfo extends Structure implements Structure.ByValue {
    public long arena;
    public long ordblks;
    public long smblks;
    public long hblks;
    public long hblkhd;
    public long usmblks;
    public long fsmblks;
    public long uordblks;
    public long fordblks;
    public long keepcost;
  }
}
