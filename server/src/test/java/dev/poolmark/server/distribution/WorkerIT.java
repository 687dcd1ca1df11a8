package dev.poolmark.server.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.nn.LambdaBlock;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poolmark.api.BlockPooler;
import dev.poolmark.api.Init;
import dev.poolmark.api.Pooler;
import dev.poolmark.api.PoolerOptions;
import dev.poolmark.api.PoolerProvider;
import dev.poolmark.api.TorchPooler;
import dev.poolmark.api.Weight;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What plugins do to the process they run in costs their own rows, in the command line. */
class WorkerIT {

  /** What a row's finding must hold; an empty one is of a pooler that is scored. */
  private static final Map<Class<? extends PoolerProvider>, String> POOLERS =
      Map.ofEntries(
          Map.entry(Exits.class, "exits.jar: its process ended: expected it to return, found exit"),
          Map.entry(Halts.class, "halts.jar: its process ended: expected it to return, found exit"),
          Map.entry(Crashes.class, "crashes.jar: its process ended: expected it to return, found"),
          Map.entry(ExitsSlowly.class, "exits_slowly.jar: its process ended: expected it to"),
          Map.entry(ThrowsChecked.class, "its forward pass failed: as Kotlin does"),
          Map.entry(CreateThrowsChecked.class, "it can't be made: as Kotlin does"),
          Map.entry(
              ExitsWhileLoaded.class, "exits_while_loaded.jar: expected a plugin that can be"),
          Map.entry(HangsWhileLoaded.class, "hangs_while_loaded.jar: expected a plugin that is"),
          Map.entry(Floods.class, ""),
          Map.entry(PrintsNatively.class, ""),
          Map.entry(ClosesStreams.class, ""),
          Map.entry(Haunts.class, ""),
          Map.entry(Interrupts.class, ""),
          Map.entry(LeavesAHook.class, ""));

  @TempDir private static Path folder;
  private static Path data;
  private static Path plugins;
  private static Path loading;

  @BeforeAll
  static void makeDataAndPlugins() throws IOException {
    data = Data.random(folder.resolve("data"), 40, 8, 1);
    plugins = Files.createDirectories(folder.resolve("plugins"));
    loading = Files.createDirectories(folder.resolve("loading"));
    for (Class<? extends PoolerProvider> pooler : POOLERS.keySet()) {
      PluginJar.write(plugins.resolve(name(pooler) + ".jar"), List.of(pooler));
    }
    PluginJar.write(loading.resolve("exits_while_loaded.jar"), List.of(ExitsWhileLoaded.class));
  }

  private static String name(Class<?> pooler) {
    return pooler.getSimpleName().replaceAll("(?<=.)(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
  }

  @Test
  void eachCostsItsOwnRowAndItsJarIsNamed() throws Exception {
    Map<String, String> findings = new TreeMap<>();
    POOLERS.forEach((pooler, finding) -> findings.put(name(pooler), finding));
    List<String> specs = new ArrayList<>(List.of("mean"));
    specs.addAll(findings.keySet());
    specs.add("sum");
    findings.putAll(Map.of("mean", "", "sum", ""));
    Outcome outcome = score(plugins, specs);
    assertEquals(0, outcome.exitCode(), outcome::toString);
    JsonNode reports = outcome.json();
    assertEquals(specs.size(), reports.size());
    for (int i = 0; i < specs.size(); i++) {
      JsonNode report = reports.get(i);
      assertEquals(specs.get(i), report.at("/pooler/spec").asText());
      String finding = findings.get(specs.get(i));
      assertEquals(finding.isEmpty(), report.get("eligible").asBoolean(), report::toPrettyString);
      assertTrue(report.get("findings").toString().contains(finding), report::toPrettyString);
    }
    for (String jar : List.of("exits", "halts", "crashes", "exits_slowly", "hangs_while_loaded")) {
      assertEquals(
          1,
          outcome.stderr().lines().filter(line -> line.contains(jar + ".jar: ")).count(),
          outcome::toString);
    }
  }

  @Test
  void onItsOwnItEndsTheCommandWithItsFault() throws Exception {
    Outcome outcome = score(plugins, List.of("crashes"));
    assertEquals(4, outcome.exitCode(), outcome::toString);
    assertEquals(1, outcome.json().size());
  }

  @Test
  void aPluginThatCannotBeLoadedIsListedAsBroken() throws Exception {
    Outcome outcome =
        Poolmark.built().run("poolers", "--plugins", loading.toString(), "--format", "json");
    assertEquals(0, outcome.exitCode(), outcome::toString);
    JsonNode broken = outcome.json().get("broken");
    assertEquals(1, broken.size(), outcome::toString);
    assertEquals("exits_while_loaded.jar", broken.get(0).get("plugin").asText());
    assertEquals("a plugin that can be loaded", broken.get(0).get("expected").asText());
    assertTrue(outcome.json().get("poolers").toString().contains("\"mean\""));
  }

  @Test
  void secretsOfTheEnvironmentDoNotReachAPooler() throws Exception {
    Path only = Files.createDirectories(folder.resolve("env"));
    PluginJar.write(only.resolve("env.jar"), List.of(TellsTheEnvironment.class));
    Outcome outcome =
        Poolmark.built()
            .with("POOLMARK_TOKEN", "secret-1")
            .with("AWS_SECRET_ACCESS_KEY", "secret-2")
            .with("POOLMARK_DATABASE", "jdbc:postgresql://db/poolmark?password=secret-3")
            .with("POOLMARK_CLUSTER_CONFIG", "secret-4")
            .run(line(only, List.of("tells_the_environment")));
    String finding = outcome.json().get(0).get("findings").toString();
    assertTrue(finding.contains("PATH="), finding);
    assertFalse(finding.contains("secret-"), finding);
  }

  @Test
  void ctrlCEndsTheCommandAndItsChildAtOnce() throws Exception {
    Path only = Files.createDirectories(folder.resolve("hanging"));
    PluginJar.write(only.resolve("hangs.jar"), List.of(HangsWhilePassed.class));
    Poolmark.Running running = Poolmark.built().start(line(only, List.of("hangs_while_passed")));
    List<ProcessHandle> children = List.of();
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    while (children.isEmpty() && System.nanoTime() - deadline < 0) {
      Thread.sleep(50);
      children = running.process().descendants().toList();
    }
    new ProcessBuilder("kill", "-INT", Long.toString(running.process().pid())).start().waitFor();
    Outcome outcome = running.outcome();
    assertEquals(130, outcome.exitCode(), outcome::toString);
    for (ProcessHandle child : children) {
      child.onExit().get(1, TimeUnit.MINUTES);
    }
  }

  @Test
  void tuningGoesOnWithoutPoolersThatEndItsProcesses() throws Exception {
    Path only = Files.createDirectories(folder.resolve("tuned"));
    PluginJar.write(only.resolve("when_made.jar"), List.of(HaltsWhenMade.class));
    PluginJar.write(only.resolve("when_made_again.jar"), List.of(AHaltsWhenMadeAgain.class));
    Path out = folder.resolve("tuning");
    Outcome outcome =
        Poolmark.built()
            .run(
                ("tune --dim 8 --cache none --budget 2m --trials 3 --data %s --plugins %s --out %s")
                    .formatted(data, only, out)
                    .split(" "));
    assertEquals(0, outcome.exitCode(), outcome::toString);
    JsonNode report = new ObjectMapper().readTree(out.resolve("report.json").toFile());
    assertTrue(
        report
            .get("findings")
            .get(0)
            .asText()
            .startsWith("The pooler 'halts_when_made' is left out. when_made.jar: its process"),
        report.get("findings")::toPrettyString);
    List<String> failed =
        Files.readAllLines(out.resolve("trials.jsonl")).stream()
            .filter(line -> line.contains("\"failed\""))
            .toList();
    assertEquals(1, failed.size(), failed::toString);
    assertTrue(failed.get(0).contains("\"when_made_again.jar: its process ended"), failed.get(0));
    assertEquals(2, report.at("/trials/done").asInt(), outcome::toString);
  }

  private static Outcome score(Path from, List<String> specs) throws Exception {
    return Poolmark.built().run(line(from, specs));
  }

  private static String[] line(Path from, List<String> specs) {
    List<String> line = new ArrayList<>(List.of("score", "--data", data.toString(), "--dim", "8"));
    line.addAll(List.of("--cache", "none", "--plugins", from.toString(), "--format", "json"));
    specs.forEach(spec -> line.addAll(List.of("--pooler", spec)));
    return line.toArray(String[]::new);
  }

  /** Does something, then sums. */
  abstract static class Doing extends TestPooler {
    Doing(String name) {
      super(name);
    }

    abstract void act();

    @Override
    public Pooler create(PoolerOptions options) {
      return new BlockPooler(
          new LambdaBlock(
              x -> {
                act();
                return new NDList(x.get(0).sum(new int[] {1}));
              }),
          options.inputDim());
    }

    static <E extends Throwable> void sneak(Throwable thrown) throws E {
      @SuppressWarnings("unchecked")
      E unchecked = (E) thrown;
      throw unchecked;
    }

    static void wait(boolean busily) {
      while (busily) {
        Thread.onSpinWait();
      }
    }
  }

  public static final class Exits extends Doing {
    public Exits() {
      super("exits");
    }

    @Override
    void act() {
      System.exit(0);
    }
  }

  /** Learns to scale the dimensions, if it came to that. */
  abstract static class Scaling extends TestPooler {
    Scaling(String name) {
      super(name);
    }

    @Override
    public Pooler create(PoolerOptions options) {
      return new TorchPooler(
          List.of("return torch.mul(torch.sum(x, [1]), self.s)"),
          List.of(Weight.of("s", Init.ones(), options.inputDim())),
          options.inputDim());
    }
  }

  public static final class HaltsWhenMade extends Scaling {
    public HaltsWhenMade() {
      super("halts_when_made");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      Runtime.getRuntime().halt(1);
      return super.create(options);
    }
  }

  /** The first in the alphabet, so that it is tried first: to be looked at, then to be trained. */
  public static final class AHaltsWhenMadeAgain extends Scaling {
    public AHaltsWhenMadeAgain() {
      super("a_halts_when_made_again");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      if (System.setProperty("made", "once") != null) {
        Runtime.getRuntime().halt(1);
      }
      return super.create(options);
    }
  }

  public static final class Halts extends Doing {
    public Halts() {
      super("halts");
    }

    @Override
    void act() {
      Runtime.getRuntime().halt(0);
    }
  }

  /** Writes to where nothing is, as broken native code would. */
  public static final class Crashes extends Doing {
    public Crashes() {
      super("crashes");
    }

    @Override
    void act() {
      try {
        Class<?> type = Class.forName("sun.misc.Unsafe");
        Field field = type.getDeclaredField("theUnsafe");
        field.setAccessible(true);
        type.getMethod("putAddress", long.class, long.class).invoke(field.get(null), 0L, 0L);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Ends its process by an exit that waits for a hook without an end. */
  public static final class ExitsSlowly extends Doing {
    public ExitsSlowly() {
      super("exits_slowly");
    }

    @Override
    void act() {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> wait(true)));
      System.exit(0);
    }
  }

  public static final class ThrowsChecked extends Doing {
    public ThrowsChecked() {
      super("throws_checked");
    }

    @Override
    void act() {
      Doing.<RuntimeException>sneak(new IOException("as Kotlin does"));
    }
  }

  public static final class CreateThrowsChecked extends Doing {
    public CreateThrowsChecked() {
      super("create_throws_checked");
    }

    @Override
    void act() {}

    @Override
    public Pooler create(PoolerOptions options) {
      Doing.<RuntimeException>sneak(new IOException("as Kotlin does"));
      return null;
    }
  }

  public static final class ExitsWhileLoaded extends Doing {
    public ExitsWhileLoaded() {
      super("exits_while_loaded");
      System.exit(0);
    }

    @Override
    void act() {}
  }

  public static final class HangsWhileLoaded extends Doing {
    static {
      wait(true);
    }

    public HangsWhileLoaded() {
      super("hangs_while_loaded");
    }

    @Override
    void act() {}
  }

  /** What it prints looks like results. */
  public static final class Floods extends Doing {
    public Floods() {
      super("floods");
    }

    @Override
    void act() {
      for (int i = 0; i < 5000; i++) {
        System.out.println("[{\"pooler\":".repeat(20));
      }
    }
  }

  public static final class ClosesStreams extends Doing {
    public ClosesStreams() {
      super("closes_streams");
    }

    @Override
    void act() {
      System.out.close();
      System.err.close();
    }
  }

  public static final class Interrupts extends Doing {
    public Interrupts() {
      super("interrupts");
    }

    @Override
    void act() {
      Thread.getAllStackTraces().keySet().stream()
          .filter(thread -> thread != Thread.currentThread())
          .forEach(Thread::interrupt);
    }
  }

  /** Leaves a thread that ends the process a second after its own run. */
  public static final class Haunts extends Doing {
    private boolean left;

    public Haunts() {
      super("haunts");
    }

    @Override
    void act() {
      if (!left) {
        left = true;
        Thread scoring = Thread.currentThread();
        Thread thread = new Thread(() -> haunt(scoring));
        thread.setDaemon(true);
        thread.start();
      }
    }

    private static void haunt(Thread scoring) {
      try {
        scoring.join();
        Thread.sleep(1000);
      } catch (InterruptedException e) {
        // It goes on.
      }
      Runtime.getRuntime().halt(3);
    }
  }

  public static final class LeavesAHook extends Doing {
    private boolean left;

    public LeavesAHook() {
      super("leaves_a_hook");
    }

    @Override
    void act() {
      if (!left) {
        left = true;
        Runtime.getRuntime().addShutdownHook(new Thread(() -> wait(true)));
      }
    }
  }

  public static final class HangsWhilePassed extends Doing {
    public HangsWhilePassed() {
      super("hangs_while_passed");
    }

    @Override
    void act() {
      wait(true);
    }
  }

  public static final class TellsTheEnvironment extends TestPooler {
    public TellsTheEnvironment() {
      super("tells_the_environment");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      Map<String, String> environment = new TreeMap<>(System.getenv());
      environment.keySet().removeIf(name -> name.matches("JAVA_.*|LC_.*|XDG_.*|.*_OPTS"));
      throw new IllegalStateException(environment.toString());
    }
  }

  /** Prints in native code, beside the results. */
  public static final class PrintsNatively extends TestPooler {
    public PrintsNatively() {
      super("prints_natively");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      return TorchPooler.of(options.inputDim(), "print(\"oops\")", "return torch.sum(x, [1])");
    }
  }
}
