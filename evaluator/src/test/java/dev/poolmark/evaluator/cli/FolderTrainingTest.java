package dev.poolmark.evaluator.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poolmark.evaluator.folder.TestFolders;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training, scoring and export on the tokens of a model folder, at its own width. */
class FolderTrainingTest {

  @TempDir private Path work;
  private String encoder;
  private String pairs;
  private String triplets;

  @BeforeEach
  void layOut() throws IOException {
    encoder = TestFolders.distilBert(Files.createDirectory(work.resolve("tiny"))).toString();
    StringBuilder pairRows = new StringBuilder();
    StringBuilder tripletRows = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      String first = "Train %d leaves at %d.".formatted(i, i % 7);
      String second = "Tram %d came by %d.".formatted(i * 3 % 11, i % 5);
      pairRows.append("%s\t%s\t%d\n".formatted(first, second, i % 6));
      tripletRows.append("%s\t%s\tBread %d.\t%s\n".formatted(first, second, i, 0.25 * (i % 4)));
    }
    pairs = Files.writeString(work.resolve("pairs.tsv"), pairRows).toString();
    triplets = Files.writeString(work.resolve("rows.tsv"), tripletRows).toString();
  }

  @Test
  void aModelTrainedOnAFoldersTokensIsScoredAndExportedAtThatWidth() throws IOException {
    String model = work.resolve("model").toString();
    run(
        "train",
        "--encoder",
        encoder,
        "--pairs",
        pairs,
        "--pooler",
        "attention:output_dim=4",
        "--epochs",
        "2",
        "--out",
        model);
    JsonNode scored =
        new ObjectMapper()
            .readTree(
                run(
                    "score",
                    "--encoder",
                    encoder,
                    "--pairs",
                    pairs,
                    "--pooler",
                    model,
                    "--pooler",
                    "folder",
                    "--format",
                    "json"));
    assertEquals(4, scored.at("/0/pooler/output_dim").asInt());
    assertEquals(8, scored.at("/0/dataset/dim").asInt());
    assertTrue(scored.at("/0/eligible").asBoolean());
    assertEquals("folder", scored.at("/1/pooler/name").asText());
    Path zip = work.resolve("tiny_pooler.zip");
    run(
        "export",
        "--encoder",
        encoder,
        "--pairs",
        pairs,
        "--model",
        model,
        "--out",
        zip.toString());
    assertTrue(Files.size(zip) > 0);
  }

  @Test
  void tripletsAreTrainedOnFromTextAndFromAStoredFolder() throws IOException {
    String data = work.resolve("data").toString();
    String model = work.resolve("ranker").toString();
    run("encode", "--encoder", encoder, "--triplets", triplets, "--out", data);
    String fromFolder =
        run(
            "train",
            "--data",
            data,
            "--dim",
            "8",
            "--dev",
            data,
            "--loss",
            "cosine_margin_mse",
            "--pooler",
            "attention:output_dim=4",
            "--epochs",
            "2",
            "--out",
            model);
    assertTrue(fromFolder.startsWith(model + ": dev accuracy "), fromFolder);
    JsonNode account = new ObjectMapper().readTree(Path.of(model, "pooler.json").toFile());
    assertEquals(
        1,
        account.findValues("cosine_accuracy").stream().map(JsonNode::isDouble).distinct().count());
    assertEquals(0, account.findValues("cosine_spearman").size());
    String fromText =
        run(
            "train",
            "--encoder",
            encoder,
            "--triplets",
            triplets,
            "--dev",
            triplets,
            "--pooler",
            "attention:output_dim=4",
            "--epochs",
            "2",
            "--out",
            work.resolve("other").toString());
    assertTrue(fromText.contains(": dev accuracy "), fromText);
    JsonNode ranked =
        new ObjectMapper()
            .readTree(
                run(
                    "triplets",
                    "--data",
                    data,
                    "--dim",
                    "8",
                    "--pooler",
                    model,
                    "--format",
                    "json"));
    assertEquals(4, ranked.at("/0/pooler/output_dim").asInt());
    assertEquals(
        account.at("/training/dev_best/cosine_accuracy").asDouble(),
        ranked.at("/0/cosine_accuracy").asDouble(),
        1e-9);
  }

  private static String run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode = Poolmark.run(args, new PrintWriter(out), new PrintWriter(err));
    assertEquals(0, exitCode, err.toString());
    return out.toString();
  }
}
