package dev.poolmark.evaluator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {

  private static final int DIM = 8;
  private static final String POOLER = "attention:output_dim=4";

  @TempDir private Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void writeData() throws IOException {
    Random random = new Random(1);
    List<String> first = new ArrayList<>();
    List<String> second = new ArrayList<>();
    List<String> labels = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      first.add(row(random));
      second.add(row(random));
      labels.add(Double.toString(random.nextInt(6)));
    }
    Files.createDirectory(data());
    Files.write(data().resolve("first.txt"), first);
    Files.write(data().resolve("second.txt"), second);
    Files.write(data().resolve("labels.txt"), labels);
  }

  private static String row(Random random) {
    int tokens = 1 + random.nextInt(4);
    StringBuilder row = new StringBuilder(tokens + " " + DIM);
    for (int i = 0; i < tokens * DIM; i++) {
      row.append(' ').append((float) random.nextGaussian());
    }
    return row.toString();
  }

  @Test
  void aTrainedModelIsScoredByItsFolder() {
    assertEquals(ExitCode.DONE, train("--pooler", POOLER, "--epochs", "2"), err.toString());
    assertTrue(out.toString().startsWith(model() + ": dev Spearman "), out.toString());
    assertEquals(ExitCode.DONE, run("score", "--pooler", model().toString()), err.toString());
  }

  @Test
  void eventsAreLinesOfJsonOnStdout() throws IOException {
    assertEquals(
        ExitCode.DONE,
        train("--pooler", POOLER, "--epochs", "2", "--format", "json", "--batch-size", "27"),
        err.toString());
    List<String> events = new ArrayList<>();
    for (String line : out.toString().lines().toList()) {
      JsonNode event = new ObjectMapper().readTree(line);
      events.add(event.get("event").asText());
      assertTrue(event.at("/dev/cosine_spearman").isNumber(), line);
    }
    assertEquals(
        List.of("started", "step", "step", "epoch", "step", "step", "epoch", "finished"), events);
    assertEquals("", err.toString());
  }

  @Test
  void whatCannotBeDoneIsOneLineAndItsExitCode() {
    assertFails(ExitCode.USAGE, "expected weights to train", "--pooler", "mean");
    assertFails(ExitCode.USAGE, "option 'output_dim'", "--pooler", "attention:output_dim=9");
    assertFails(
        ExitCode.USAGE, "--epochs: expected at least 1", "--pooler", POOLER, "--epochs", "0");
    assertFails(ExitCode.USAGE, "--loss", "--pooler", POOLER, "--loss", "hinge");
    assertFails(ExitCode.BAD_DATA, "at least 2 dev pairs", "--pooler", POOLER, "--dev-share", "0");
    assertFails(ExitCode.BAD_DATA, "checkpoint", "--pooler", POOLER, "--resume");
    assertFails(ExitCode.BAD_DATA, "folder", "--pooler", POOLER, "--dev", "/nowhere");
    assertFails(ExitCode.OVER_SIZE_LIMIT, "20 MiB", "--pooler", "mlp:output_dim=4,hidden=400000");
    assertFalse(Files.exists(model()));
  }

  @Test
  void aModelThatCouldNotBeWrittenIsNotTrained() {
    Path file = data().resolve("labels.txt");
    assertEquals(
        ExitCode.BAD_DATA, run("train", "--pooler", POOLER, "--out", file.resolve("m").toString()));
    assertEquals(
        "poolmark: %s: expected a folder for the model, found the file %s\n"
            .formatted(file.resolve("m"), file),
        err.toString());
  }

  @Test
  void exportRefusesWhatIsUntrained() {
    int code = run("export", "--model", POOLER, "--out", folder.resolve("a.zip").toString());
    assertEquals(ExitCode.USAGE, code);
    assertTrue(err.toString().contains("expected a trained model's folder"), err.toString());
    assertFalse(Files.exists(folder.resolve("a.zip")));
  }

  private void assertFails(int code, String message, String... arguments) {
    err.getBuffer().setLength(0);
    assertEquals(code, train(arguments), err.toString());
    assertTrue(err.toString().contains(message), err.toString());
    assertEquals(1, err.toString().lines().count(), err.toString());
  }

  private int train(String... arguments) {
    List<String> all = new ArrayList<>(List.of("--out", model().toString()));
    all.addAll(List.of(arguments));
    return run("train", all.toArray(String[]::new));
  }

  private int run(String command, String... arguments) {
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(List.of("--data", data().toString(), "--dim", Integer.toString(DIM)));
    all.addAll(List.of("--cache", "none"));
    all.addAll(List.of(arguments));
    return Poolmark.run(
        all.toArray(String[]::new), new PrintWriter(out), new PrintWriter(err, true));
  }

  private Path data() {
    return folder.resolve("data");
  }

  private Path model() {
    return folder.resolve("model");
  }
}
