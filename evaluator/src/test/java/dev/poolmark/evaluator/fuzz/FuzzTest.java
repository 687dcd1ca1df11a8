package dev.poolmark.evaluator.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.poolmark.evaluator.cli.Poolmark;
import dev.poolmark.evaluator.dataset.PairFiles;
import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.dataset.TokenStores;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.plugin.InstalledPooler;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.TrainedModel;
import dev.poolmark.evaluator.submission.SubmissionFiles;
import dev.poolmark.evaluator.torch.PoolerFault;
import dev.poolmark.evaluator.torch.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged files: each is read as {@link PlainReader} reads it, or refused in one line. {@code mvn
 * -P fuzz verify} takes many more, from a seed of its own.
 */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class FuzzTest {

  private static final int DIM = 3;
  private static final long SEED = seed();
  private static final int DATA = Integer.getInteger("poolmark.fuzz.data", 120);
  private static final int BINARIES = Integer.getInteger("poolmark.fuzz.binaries", 80);
  private static final int ONE = Integer.getInteger("poolmark.fuzz.case", -1);

  @TempDir Path folder;
  private int refused;

  /** A seed of its own where 0 is asked for; it is printed. */
  private static long seed() {
    long given = Long.getLong("poolmark.fuzz.seed", 20_240_601);
    return given == 0 ? System.nanoTime() >>> 1 : given;
  }

  /** What is done with one case. */
  private interface Check {
    void check(SplittableRandom random) throws Exception;
  }

  /** What is done with what a case has damaged. */
  private interface Look {
    void check() throws Exception;
  }

  /** Runs the cases; one that fails says how to run it alone. */
  private void cases(String test, int count, Check check) throws Exception {
    long start = System.nanoTime();
    for (int i = Math.max(0, ONE); i < (ONE < 0 ? count : ONE + 1); i++) {
      try {
        check.check(new SplittableRandom(SEED + 0x9E3779B97F4A7C15L * i));
      } catch (Exception | Error e) {
        throw new AssertionError(
            String.format(
                Locale.ROOT,
                "%s; reproduce: mvn -pl evaluator -am test -Dtest=FuzzTest#%s"
                    + " -Dsurefire.failIfNoSpecifiedTests=false -Dpoolmark.fuzz.seed=%d"
                    + " -Dpoolmark.fuzz.case=%d",
                e,
                test,
                SEED,
                i),
            e);
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%s: %d cases from seed %d, %d refused, %.1f s%n",
        test,
        count,
        SEED,
        refused,
        (System.nanoTime() - start) / 1e9);
  }

  @Test
  void dataFilesAreReadByTheLetterOrRefused() throws Exception {
    cases("dataFilesAreReadByTheLetterOrRefused", DATA, this::dataFile);
  }

  private void dataFile(SplittableRandom random) throws Exception {
    Path data = emptied("data");
    int rows = random.nextInt(1, 6);
    Files.writeString(data.resolve("first.txt"), tokens(random, rows));
    Files.writeString(data.resolve("second.txt"), tokens(random, rows));
    StringBuilder labels = new StringBuilder();
    StringBuilder pairs = new StringBuilder();
    for (int i = 0; i < rows; i++) {
      double label = random.nextInt(0, 501) / 100.0;
      labels.append(label).append('\n');
      pairs.append("a cat sat\tthe größte cat\t").append(label).append('\n');
    }
    Files.writeString(data.resolve("labels.txt"), labels);
    if (random.nextBoolean()) {
      Files.writeString(data.resolve("pairs.tsv"), pairs);
    }
    damageOne(data, random);
    Optional<PlainReader.Data> expected = PlainReader.read(data, DIM);
    assertReadByTheLetter(data, expected);
    assertScored(data, expected);
  }

  /** The command line's similarities are those of the independent reader, or its exit code is 3. */
  private void assertScored(Path data, Optional<PlainReader.Data> expected) throws Exception {
    Path scores = folder.resolve("scores.csv");
    Files.deleteIfExists(scores);
    Said said =
        run(
            "score",
            "--data=" + data,
            "--dim=" + DIM,
            "--cache=none",
            "--pooler=mean",
            "--passes=1",
            "--format=json",
            "--pair-scores=" + scores);
    if (expected.isEmpty()) {
      said.assertRefused(3);
    } else if (said.exitCode == 0) {
      List<String> rows = Files.readAllLines(scores);
      List<Double> cosines = expected.get().cosinesOfMeans(DIM);
      assertEquals(cosines.size() + 1, rows.size());
      for (int i = 0; i < cosines.size(); i++) {
        String[] row = rows.get(i + 1).split(",");
        assertEquals(expected.get().labels().get(i) + 0.0, Double.parseDouble(row[2]));
        if (!cosines.get(i).isNaN()) {
          assertEquals(cosines.get(i), Double.parseDouble(row[3]), 1e-5, "pair " + i);
        }
      }
    } else {
      assertEquals(4, said.exitCode, said::toString); // sums that no float can hold
      assertTrue(expected.get().cosinesOfMeans(DIM).contains(Double.NaN), said::toString);
    }
  }

  /** What a command said. */
  private record Said(int exitCode, String out, String err) {

    void assertRefused(int code) {
      assertEquals(code, exitCode, this::toString);
      assertEquals("", out, this::toString);
      assertEquals(1, err.lines().count(), this::toString);
      assertTrue(err.startsWith("poolmark: "), this::toString);
    }
  }

  private static Said run(String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode = Poolmark.run(arguments, new PrintWriter(out), new PrintWriter(err));
    return new Said(exitCode, out.toString(), err.toString());
  }

  private static String tokens(SplittableRandom random, int rows) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < rows; i++) {
      int count = random.nextInt(1, 4);
      text.append(count).append(' ').append(DIM);
      for (int j = 0; j < count * DIM; j++) {
        text.append(' ').append((float) random.nextDouble(-1, 1));
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static void damageOne(Path data, SplittableRandom random) throws IOException {
    List<Path> files;
    try (var all = Files.list(data)) {
      files = all.sorted().toList();
    }
    Path file = files.get(random.nextInt(files.size()));
    byte[] bytes = Files.readAllBytes(file);
    Mutation mutation = new Mutation(random);
    if (random.nextInt(3) > 0) {
      Files.write(file, mutation.of(bytes));
      return;
    }
    Files.delete(file);
    byte[] packed = random.nextBoolean() ? gzip(bytes) : twoMembers(bytes, random);
    Files.write(Path.of(file + ".gz"), mutation.of(packed));
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream packed = new GZIPOutputStream(out)) {
      packed.write(bytes);
    }
    return out.toByteArray();
  }

  private static byte[] twoMembers(byte[] bytes, SplittableRandom random) throws IOException {
    int at = random.nextInt(bytes.length + 1);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(gzip(Arrays.copyOf(bytes, at)));
    out.writeBytes(gzip(Arrays.copyOfRange(bytes, at, bytes.length)));
    return out.toByteArray();
  }

  private void assertReadByTheLetter(Path data, Optional<PlainReader.Data> expected)
      throws Exception {
    try (TokenStore store = TokenStores.open(PairFiles.in(data), DIM, Optional.empty(), "fuzz")) {
      assertTrue(expected.isPresent(), "read, and should be refused");
      assertArrayEquals(
          expected.get().labels().stream().mapToDouble(label -> label + 0.0).toArray(),
          store.labels());
      assertTokens(expected.get().first(), store, Side.FIRST);
      assertTokens(expected.get().second(), store, Side.SECOND);
    } catch (BadDataException e) {
      assertFalse(expected.isPresent(), "refused, and should be read: " + e.getMessage());
      assertOneLine(e.getMessage());
    }
  }

  private static void assertTokens(List<float[]> expected, TokenStore store, Side side) {
    for (int i = 0; i < expected.size(); i++) {
      assertArrayEquals(expected.get(i), store.tokens(side, i));
    }
  }

  @Test
  void damagedStoresAreRefused() throws Exception {
    Path data = emptied("data");
    SplittableRandom rows = new SplittableRandom(1);
    Files.writeString(data.resolve("first.txt"), tokens(rows, 20));
    Files.writeString(data.resolve("second.txt"), tokens(rows, 20));
    Files.writeString(data.resolve("labels.txt"), "2.5\n".repeat(20));
    Path stored;
    try (TokenStore store =
        TokenStores.open(PairFiles.in(data), DIM, Optional.of(emptied("cache")), "fuzz")) {
      stored = store.path();
    }
    byte[] whole = Files.readAllBytes(stored);
    cases(
        "damagedStoresAreRefused",
        BINARIES,
        random -> {
          byte[] damaged = new Mutation(random).of(whole);
          Files.write(stored, damaged);
          try {
            TokenStore.read(stored, "fuzz").close();
            assertArrayEquals(whole, damaged, "read, and should be refused");
          } catch (IOException e) {
            assertFalse(Arrays.equals(whole, damaged), "refused, and is sound: " + e.getMessage());
            assertOneLine(e.getMessage());
          }
          try (TokenStore healed =
              TokenStores.open(PairFiles.in(data), DIM, Optional.of(stored.getParent()), "fuzz")) {
            assertArrayEquals(whole, Files.readAllBytes(healed.path()), "it is made anew");
          }
        });
  }

  @Test
  void damagedModelsAreRefused() throws Exception {
    Path model = emptied("model");
    sound().write(model);
    String weights = Arrays.toString(sound().weights().get(0).values());
    cases(
        "damagedModelsAreRefused",
        BINARIES,
        damaged(
            model,
            () -> {
              try {
                TrainedModel read = TrainedModel.read(model);
                assertEquals(sound().architecture(), read.architecture());
                assertEquals(sound().spec() + sound().dim(), read.spec() + read.dim());
                assertEquals(weights, Arrays.toString(read.weights().get(0).values()));
              } catch (BadDataException | IOException e) {
                assertOneLine(e.getMessage());
              }
            }));
  }

  @Test
  void damagedModelsAreScoredAsTheyWereOrRefused() throws Exception {
    Path data = emptied("data");
    SplittableRandom rows = new SplittableRandom(1);
    Files.writeString(data.resolve("first.txt"), tokens(rows, 20));
    Files.writeString(data.resolve("second.txt"), tokens(rows, 20));
    StringBuilder labels = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      labels.append(i % 6).append('\n');
    }
    Files.writeString(data.resolve("labels.txt"), labels);
    Path model = emptied("model");
    sound().write(model);
    String[] line = {
      "score",
      "--data=" + data,
      "--dim=" + DIM,
      "--cache=none",
      "--pooler=" + model,
      "--passes=1",
      "--format=json"
    };
    String quality = quality(run(line));
    cases(
        "damagedModelsAreScoredAsTheyWereOrRefused",
        BINARIES,
        damaged(
            model,
            () -> {
              Said said = run(line);
              if (said.exitCode == 0) {
                assertEquals(quality, quality(said));
              } else {
                refused++;
                said.assertRefused(3);
              }
            }));
  }

  /** Looks at a model of which one file is damaged, and mends it. */
  private static Check damaged(Path model, Look look) {
    return random -> {
      Path file = model.resolve(random.nextBoolean() ? "pooler.json" : "model.safetensors");
      byte[] whole = Files.readAllBytes(file);
      try {
        Files.write(file, new Mutation(random).of(whole));
        look.check();
      } finally {
        Files.write(file, whole);
      }
    };
  }

  private static String quality(Said said) throws IOException {
    assertEquals(0, said.exitCode, said::toString);
    return new ObjectMapper().readTree(said.out).at("/0/quality").toString();
  }

  @Test
  void damagedSubmissionsAreUnpackedAsTheyWereOrRefused() throws Exception {
    Path zip = folder.resolve("mine.zip");
    byte[] module = "def get_model():\n    return None\n".repeat(20).getBytes(UTF_8);
    byte[] weights = new byte[3000];
    new Random(1).nextBytes(weights);
    try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip))) {
      out.putNextEntry(new ZipEntry("mine.py"));
      out.write(module);
      out.putNextEntry(new ZipEntry("mine.bin"));
      out.write(weights);
    }
    byte[] whole = Files.readAllBytes(zip);
    cases(
        "damagedSubmissionsAreUnpackedAsTheyWereOrRefused",
        BINARIES,
        random -> {
          Files.write(zip, new Mutation(random).of(whole));
          try {
            SubmissionFiles files = SubmissionFiles.unpack(zip, emptied("unpacked"));
            assertEquals(folder.resolve("unpacked"), files.python().getParent());
            assertArrayEquals(module, Files.readAllBytes(files.python()));
            assertArrayEquals(weights, Files.readAllBytes(files.weights()));
          } catch (PoolerFault e) {
            assertOneLine(e.getMessage());
          }
        });
  }

  private static TrainedModel sound() {
    return new TrainedModel(
        "test",
        "test:a=b",
        "test.jar",
        "1",
        DIM,
        2,
        new TrainedModel.Lines(List.of("return torch.matmul(torch.sum(x, [1]), self.p)")),
        List.of(new Tensor("p", List.of(DIM, 2), new float[] {1, 2, 3, 4, 5, 6})),
        JsonNodeFactory.instance.objectNode().put("epochs", 3).put("lr", 0.1f));
  }

  @Test
  void damagedJarsLoadOrAreBrokenAndTheOthersLoad() throws Exception {
    Path built = Path.of(System.getProperty("poolmark.plugins"));
    Path modes;
    Path fast;
    try (var all = Files.list(built)) {
      List<Path> jars = all.filter(jar -> jar.toString().endsWith(".jar")).toList();
      modes = find(jars, "modes");
      fast = find(jars, "fast");
    }
    byte[] whole = Files.readAllBytes(modes);
    cases(
        "damagedJarsLoadOrAreBrokenAndTheOthersLoad",
        BINARIES,
        random -> {
          Path plugins = emptied("plugins-" + random.nextInt(1_000_000_000));
          Files.copy(fast, plugins.resolve("fast.jar"));
          Files.write(plugins.resolve("modes.jar"), new Mutation(random).of(whole));
          PluginCatalog catalog = PluginCatalog.of(List.of(plugins));
          List<String> names = catalog.poolers().stream().map(InstalledPooler::name).toList();
          assertTrue(names.contains("sum"), "the sound jar is loaded: " + names);
          assertTrue(
              names.contains("mean") || !catalog.broken().isEmpty(),
              "the damaged jar is loaded or broken");
          int before = refused;
          catalog.broken().forEach(broken -> assertOneLine(broken.toString()));
          refused = before + (catalog.broken().isEmpty() ? 0 : 1);
        });
  }

  private static Path find(List<Path> jars, String name) {
    return jars.stream().filter(jar -> jar.toString().contains(name)).findFirst().orElseThrow();
  }

  private void assertOneLine(String message) {
    refused++;
    assertTrue(message != null && !message.isBlank(), "a message");
    assertTrue(message.length() < 2000, "a line, not a page: " + message.length());
    assertFalse(
        message.codePoints().anyMatch(c -> Character.isISOControl(c) || c == 0x2028), message);
  }

  private Path emptied(String name) throws IOException {
    Path made = folder.resolve(name);
    if (Files.exists(made)) {
      try (var all = Files.walk(made)) {
        for (Path file : all.skip(1).sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
    return Files.createDirectories(made);
  }
}
