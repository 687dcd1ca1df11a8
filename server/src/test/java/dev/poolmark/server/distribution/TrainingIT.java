package dev.poolmark.server.distribution;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poolmark.server.Wait;
import dev.poolmark.server.distribution.Poolmark.Running;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A training that is interrupted from a shell. */
class TrainingIT {

  private static final int EPOCHS = 150;

  @TempDir Path folder;
  private Path data;

  @BeforeEach
  void makeData() throws Exception {
    data = Data.random(folder.resolve("data"), 200, 16, 1);
  }

  @Test
  void afterCtrlCItGoesOnToTheSameWeights() throws Exception {
    start("whole").outcome().expectDone();

    Path model = folder.resolve("interrupted");
    Outcome interrupted = interruptAfter(3, start("interrupted"));
    assertEquals(130, interrupted.exitCode(), interrupted::toString);
    assertEquals(1, interrupted.stderr().lines().count(), interrupted::toString);
    assertTrue(
        interrupted.stderr().startsWith("poolmark: interrupted in epoch "), interrupted::toString);
    assertEquals(List.of("checkpoint.safetensors"), Data.names(model));

    start("interrupted", "--resume").outcome().expectDone();
    assertEquals(List.of("model.safetensors", "pooler.json"), Data.names(model));
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("whole/model.safetensors")),
        Files.readAllBytes(model.resolve("model.safetensors")));
    int best =
        new ObjectMapper()
            .readTree(model.resolve("pooler.json").toFile())
            .at("/training/best_epoch")
            .asInt();
    assertTrue(best > 50, "the weights are of an epoch after the interruption: " + best);
  }

  @Test
  void aModelThatWasThereBeforeIsStillTheOneAfterCtrlC() throws Exception {
    start("model").outcome().expectDone();
    Path weights = folder.resolve("model/model.safetensors");
    byte[] before = Files.readAllBytes(weights);
    Outcome interrupted = interruptAfter(1, start("model", "--seed", "2"));
    assertEquals(130, interrupted.exitCode(), interrupted::toString);
    assertArrayEquals(before, Files.readAllBytes(weights));
    Poolmark.built()
        .run(
            "score",
            "--data=" + data,
            "--dim=16",
            "--cache=none",
            "--pooler=" + folder.resolve("model"))
        .expectDone();
  }

  /** Trains on pairs that are the dev pairs too, so that later epochs are better ones. */
  private Running start(String model, String... more) throws Exception {
    List<String> line =
        new ArrayList<>(
            List.of(
                "train",
                "--data=" + data,
                "--dev=" + data,
                "--dim=16",
                "--cache=none",
                "--pooler=attention:output_dim=8",
                "--epochs=" + EPOCHS,
                "--patience=" + EPOCHS,
                "--batch-size=20",
                "--threads=1",
                "--format=json",
                "--out=" + folder.resolve(model)));
    line.addAll(List.of(more));
    return Poolmark.built().start(line.toArray(String[]::new));
  }

  /** What Ctrl-C sends, once so many epochs are done. */
  private static Outcome interruptAfter(int epochs, Running running) throws Exception {
    Wait.until("epochs", () -> epochsOf(running) >= epochs || !running.process().isAlive());
    String pid = Long.toString(running.process().pid());
    assertEquals(0, new ProcessBuilder("kill", "-INT", pid).start().waitFor());
    return running.outcome();
  }

  private static long epochsOf(Running running) throws IOException {
    return Files.readAllLines(running.stdout().toPath()).stream()
        .filter(line -> line.startsWith("{\"event\":\"epoch\""))
        .count();
  }
}
