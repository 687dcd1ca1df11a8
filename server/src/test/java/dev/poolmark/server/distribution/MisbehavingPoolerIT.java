package dev.poolmark.server.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.poolmark.api.Init;
import dev.poolmark.api.Pooler;
import dev.poolmark.api.PoolerOptions;
import dev.poolmark.api.TorchPooler;
import dev.poolmark.api.Weight;
import dev.poolmark.evaluator.torch.TorchArchive;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pooler that misbehaves costs its own row, never the command. */
class MisbehavingPoolerIT {

  /** Seconds that nobody else sleeps. */
  private static final String SLEEP = "4567.891";

  @TempDir Path folder;
  private Path data;
  private Path plugins;

  @BeforeEach
  void makeDataAndPlugins() throws Exception {
    data = Data.random(folder.resolve("data"), 40, 8, 1);
    plugins = Files.createDirectories(folder.resolve("plugins"));
    PluginJar.write(
        plugins.resolve("bad.jar"),
        List.of(
            Endless.class,
            TooBig.class,
            Throwing.class,
            WrongShape.class,
            NotANumber.class,
            Starting.class));
    PluginJar.write(plugins.resolve("broken.jar"), List.of(Unborn.class));
  }

  @Test
  void eachCostsItsOwnRow() throws Exception {
    Outcome outcome =
        score(
            "endless",
            "too_big",
            "throwing",
            "wrong_shape",
            "not_a_number",
            "unborn",
            "starting",
            "sum");
    JsonNode reports = outcome.expectDone().json();
    assertFinding(reports.get(0), "expected an end within 5.0 s, found a forward pass that");
    assertFinding(reports.get(1), "expected a model of at most 20 MiB, found 20.6 MiB");
    assertFinding(reports.get(2), "it can't be made: ");
    assertFinding(reports.get(3), "8");
    assertFinding(reports.get(4), "NaN");
    assertFinding(
        reports.get(5),
        "no plugin that could be loaded has a pooler 'unborn'; broken.jar: expected poolers that can"
            + " be made, found java.io.IOException: undeclared");
    assertTrue(reports.get(6).get("eligible").asBoolean());
    assertTrue(
        ProcessHandle.allProcesses()
            .noneMatch(
                process ->
                    process.info().commandLine().filter(line -> line.contains(SLEEP)).isPresent()),
        "what a plugin started has ended");
    assertTrue(reports.get(7).get("eligible").asBoolean());
    assertEquals(0, reports.get(7).get("findings").size());
  }

  @Test
  void oneThatNeverReturnsAloneEndsTheCommandWithItsFault() throws Exception {
    Outcome outcome = score("endless");
    assertEquals(4, outcome.exitCode(), outcome::toString);
    assertFinding(outcome.json().get(0), "expected an end within 5.0 s");
  }

  @Test
  void oneThatIsTooBigAloneEndsTheCommandWithItsSize() throws Exception {
    Outcome outcome = score("too_big");
    assertEquals(5, outcome.exitCode(), outcome::toString);
    assertFalse(outcome.json().get(0).at("/pooler/within_size_limit").asBoolean());
  }

  @Test
  void aTorchScriptFileIsASpec() throws Exception {
    Path script = folder.resolve("mine.pt");
    TorchArchive.writeScript(script, List.of("return torch.sum(x, [1])"), List.of());
    Path other = Files.writeString(folder.resolve("other.pt"), "not torch at all");
    JsonNode reports = score(script.toString(), "sum", other.toString()).expectDone().json();
    assertEquals("mine", reports.get(0).at("/pooler/name").asText());
    assertEquals("mine.pt", reports.get(0).at("/pooler/plugin").asText());
    assertEquals(
        reports.get(1).at("/quality/cosine_spearman"),
        reports.get(0).at("/quality/cosine_spearman"));
    assertFinding(reports.get(2), other + ": expected a TorchScript file (torch.jit.save), found");
  }

  private Outcome score(String... specs) throws Exception {
    List<String> line =
        new ArrayList<>(
            List.of("score", "--data", data.toString(), "--dim", "8", "--cache", "none"));
    line.addAll(List.of("--plugins", plugins.toString(), "--timeout", "5", "--format", "json"));
    for (String spec : specs) {
      line.addAll(List.of("--pooler", spec));
    }
    return Poolmark.built().run(line.toArray(String[]::new));
  }

  private static void assertFinding(JsonNode report, String part) {
    assertFalse(report.get("eligible").asBoolean(), report::toPrettyString);
    assertEquals(1, report.get("findings").size(), report::toPrettyString);
    String finding = report.get("findings").get(0).asText();
    assertTrue(finding.contains(part), finding);
    assertTrue(report.get("total").isNull(), report::toPrettyString);
  }

  /** Never returns. */
  public static final class Endless extends TestPooler {
    public Endless() {
      super("endless");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      return TorchPooler.of(
          options.inputDim(), "i = 0", "while i < 1:", "  i = 0", "return torch.sum(x, [1])");
    }
  }

  /** 20.6 MiB of weights. */
  public static final class TooBig extends TestPooler {
    public TooBig() {
      super("too_big");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      Weight weight = Weight.of("w", Init.zeros(), 5_400_000);
      return new TorchPooler(
          List.of("return torch.sum(x, [1])"), List.of(weight), options.inputDim());
    }
  }

  /** Can't be made. */
  public static final class Throwing extends TestPooler {
    public Throwing() {
      super("throwing");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      throw new IllegalStateException("on purpose");
    }
  }

  /** Gives tokens instead of sentences. */
  public static final class WrongShape extends TestPooler {
    public WrongShape() {
      super("wrong_shape");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      return TorchPooler.of(options.inputDim(), "return x");
    }
  }

  /** Gives nothing but NaN. */
  public static final class NotANumber extends TestPooler {
    public NotANumber() {
      super("not_a_number");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      return TorchPooler.of(
          options.inputDim(), "return torch.div(torch.mul(torch.sum(x, [1]), 0), 0)");
    }
  }

  /** Throws what it doesn't declare before anybody has heard its name. */
  public static final class Unborn extends TestPooler {
    public Unborn() {
      super("unborn");
      this.<RuntimeException>sneak(new IOException("undeclared"));
    }

    @SuppressWarnings("unchecked")
    private <E extends Throwable> void sneak(Throwable thrown) throws E {
      throw (E) thrown;
    }

    @Override
    public Pooler create(PoolerOptions options) {
      return TorchPooler.of(options.inputDim(), "return torch.sum(x, [1])");
    }
  }

  /** Starts processes and forgets them: one of its own, and one that lets go of its parents. */
  public static final class Starting extends TestPooler {
    public Starting() {
      super("starting");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      try {
        new ProcessBuilder("sleep", SLEEP).start();
        String detached = "setsid nohup sleep " + SLEEP + " >/dev/null 2>&1 &";
        new ProcessBuilder("sh", "-c", detached).start().waitFor();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      return TorchPooler.of(options.inputDim(), "return torch.sum(x, [1])");
    }
  }
}
