package dev.poolmark.server.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.server.Wait;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of output that can't be written, of temporary files, and of the user's locale. */
class OutputIT {

  @TempDir Path folder;
  private Path temporary;

  @BeforeEach
  void makeTemporaryFolder() throws Exception {
    temporary = Files.createDirectory(folder.resolve("temporary"));
  }

  @Test
  void outputThatCannotBeWrittenIsOneLineAndNoSuccess() throws Exception {
    Path data = Data.random(folder.resolve("data"), 20, 8, 1);
    String score = "score --pooler sum --dim 8 --cache none --data '" + data + "'";
    for (String command : List.of("--version", "--help", "poolers", score)) {
      assertTold("stdout: No space left on device", command + " >/dev/full");
      assertTold("stdout: Bad file descriptor", command + " >&-");
    }
    assertTold("/dev/full: No space left on device", score + " --out /dev/full");
    assertTold("/dev/full: No space left on device", score + " --pair-scores /dev/full >/dev/null");
    assertFalse(Files.isRegularFile(Path.of("/dev/full")));
    assertTold("stdout: Broken pipe", "poolers >&3", "exec 3> >(exec true); wait $!; ");
  }

  private void assertTold(String expected, String line) throws Exception {
    assertTold(expected, line, "");
  }

  private void assertTold(String expected, String line, String before) throws Exception {
    Outcome outcome = shell(before + "\"$0\" " + line);
    assertEquals("poolmark: " + expected + "\n", outcome.stderr(), line);
    assertEquals(1, outcome.exitCode(), line);
    assertEquals("", outcome.stdout(), line);
  }

  @Test
  void nothingIsLeftInTheTemporaryFolder() throws Exception {
    Outcome outcome = shell("\"$0\" similarity 'a cat' 'the cat'");
    assertEquals(0, outcome.exitCode(), outcome::toString);
    assertEquals(List.of(), names(temporary));
  }

  @Test
  void whatAKilledProcessLeavesInTheTemporaryFolderIsSweptByTheNext() throws Exception {
    Path pairs = folder.resolve("pairs.tsv");
    Files.writeString(pairs, "a cat sat there\tthe cat sits\t4.5\n".repeat(5000));
    Poolmark.Running running = poolmark().start("similarity", "--pairs", pairs.toString());
    while (running.process().isAlive() && Files.size(running.stdout().toPath()) == 0) {
      running.process().waitFor(50, TimeUnit.MILLISECONDS);
    }
    running.kill();
    assertNotEquals(List.of(), names(temporary), "onnxruntime has unpacked its native code");
    // Its child notices the end of its parent in a moment, and its folder is left like the other.
    Wait.until(
        "the sweep",
        () -> {
          assertEquals(0, poolmark().run("--version").exitCode());
          return names(temporary).isEmpty();
        });
  }

  @Test
  void aLocaleWithoutCharactersLosesNone() throws Exception {
    Path data = Data.random(folder.resolve("Daten für 東京"), 20, 8, 1);
    for (Map.Entry<String, String> locale :
        Map.of("LC_ALL", "POSIX", "LANG", "xx_XX.UTF-8").entrySet()) {
      Outcome similarity =
          poolmark().with(locale.getKey(), locale.getValue()).run("similarity", "東京タワー", "大阪城");
      assertTrue(Double.parseDouble(similarity.expectDone().stdout()) < 0.9, similarity::toString);
      Outcome score =
          poolmark()
              .with(locale.getKey(), locale.getValue())
              .run("score", "--data", data.toString(), "--dim", "8", "--pooler", "sum");
      assertTrue(score.expectDone().stdout().contains("data: Daten für 東京, "), score::toString);
    }
  }

  @Test
  void aUserWhomTheSystemDoesNotKnowIsToldWhatToSetAndOnlyWhereItIsNeeded() throws Exception {
    Path data = Data.random(folder.resolve("data"), 20, 8, 1);
    Poolmark nobody =
        poolmark().without("XDG_CACHE_HOME").with("POOLMARK_JAVA_OPTS", "-Duser.home=?");
    assertEquals(
        "expected a home folder, found none: set HOME or XDG_CACHE_HOME",
        nobody.run("similarity", "a cat", "the cat").expectError(3));
    nobody.run("inspect", "--data", data.toString(), "--dim", "8", "--cache", "none").expectDone();
    assertFalse(Files.exists(Path.of("?")));
  }

  @Test
  void aSentenceThatBeginsWithAnAtSignIsASentence() throws Exception {
    Path file = Files.writeString(folder.resolve("name"), "hello world");
    Outcome outcome = poolmark().run("similarity", "@" + file, "hello world");
    assertTrue(Double.parseDouble(outcome.expectDone().stdout()) < 0.9, outcome::toString);
  }

  private Poolmark poolmark() {
    return Poolmark.built().with("TMPDIR", temporary.toString());
  }

  private Outcome shell(String line) throws Exception {
    return Poolmark.at(Path.of("/bin/bash"))
        .with("TMPDIR", temporary.toString())
        .run("-c", line, Poolmark.home().resolve("bin/poolmark").toString());
  }

  private static List<String> names(Path folder) throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
