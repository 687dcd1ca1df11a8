package dev.poolmark.evaluator.folder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2.AllMiniLmL6V2EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.bgesmallenv15.BgeSmallEnV15EmbeddingModel;
import dev.poolmark.api.PoolerOptions;
import dev.poolmark.evaluator.cli.Poolmark;
import dev.poolmark.evaluator.encoder.TokenEncoder;
import dev.poolmark.evaluator.encoding.Sample;
import dev.poolmark.evaluator.metric.Similarity;
import dev.poolmark.evaluator.text.SentenceEmbedder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The two bundled encoders laid out as folders, each with its own pooling, 384 wide. */
class BundledFoldersTest {

  private static final double SAME = 0.99999;

  @TempDir private static Path folders;
  private static Path minilm;
  private static Path bge;

  @BeforeAll
  static void layOut() throws IOException {
    minilm = TestFolders.minilm(folders.resolve("minilm"), 128);
    bge = TestFolders.bge(folders.resolve("bge"), 512);
  }

  @Test
  void ownPoolingReachesTheKnownFiguresOnStsb() throws IOException {
    Path pairs = stsb().resolve("sts-dev.csv");
    assertEquals(.8672, cosineSpearman(minilm, pairs), .0005);
    assertEquals(.8892, cosineSpearman(bge, pairs), .0005);
  }

  static double cosineSpearman(Path folder, Path pairs) throws IOException {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] args = {
      "score",
      "--encoder",
      folder.toString(),
      "--pairs",
      pairs.toString(),
      "--pooler",
      "folder",
      "--format",
      "json",
      "--cache",
      "none"
    };
    assertEquals(
        0, Poolmark.run(args, new PrintWriter(out), new PrintWriter(err)), () -> err.toString());
    JsonNode report = new ObjectMapper().readTree(out.toString()).get(0);
    assertEquals(384, report.at("/dataset/dim").asInt());
    assertEquals(folder.getFileName().toString(), report.at("/pooler/plugin").asText());
    return report.at("/quality/cosine_spearman").asDouble();
  }

  @Test
  void embeddingsAreThoseOfLangchain4j() throws IOException {
    List<String> sentences = sentencesOfManyLengths();
    assertEquals(200, sentences.size());
    assertSame(minilm, new AllMiniLmL6V2EmbeddingModel(), sentences);
    assertSame(bge, new BgeSmallEnV15EmbeddingModel(), sentences);
  }

  private static void assertSame(Path folder, EmbeddingModel theirs, List<String> sentences)
      throws IOException {
    List<float[]> ours = embed(folder, sentences);
    for (int i = 0; i < sentences.size(); i++) {
      assertSame(theirs.embed(sentences.get(i)).content().vector(), ours.get(i), sentences.get(i));
    }
  }

  /**
   * langchain4j leaves the cutting to its tokenizers: at the 128 tokens that the one of MiniLM asks
   * for, and at DJL's 512 for that of BGE, which asks for none. The splitting into parts of 510
   * tokens that it has for longer texts therefore never sees one.
   */
  @Test
  void longTextsAreCutAsLangchain4jCutsThem() throws IOException {
    List<String> texts = List.of(words(127), words(300), words(509), words(511), words(700));
    assertSame(minilm, new AllMiniLmL6V2EmbeddingModel(), texts);
    assertSame(bge, new BgeSmallEnV15EmbeddingModel(), texts);
    assertTrue(
        Similarity.COSINE.of(embed(bge, texts).get(1), embed(bge, texts).get(4)) < SAME,
        "what stands behind is not without effect");
  }

  @Test
  void textsAreCutAtTheFoldersOwnLength(@TempDir Path other) throws IOException {
    TestFolders.bge(other.resolve("bge"), 64);
    List<String> texts = new ArrayList<>();
    for (int length = 55; length < 75; length++) {
      texts.add(words(length));
    }
    List<float[]> ours = embed(other.resolve("bge"), texts);
    EmbeddingModel theirs = new BgeSmallEnV15EmbeddingModel();
    for (int i = 0; i < texts.size(); i++) {
      String cut = words(Math.min(55 + i, 62)); // and the two tokens at start and end
      assertSame(theirs.embed(cut).content().vector(), ours.get(i), texts.get(i));
    }
  }

  private static void assertSame(float[] expected, float[] found, String sentence) {
    double cosine = Similarity.COSINE.of(expected, found);
    assertTrue(cosine >= SAME, () -> cosine + ": " + sentence);
  }

  private static List<float[]> embed(Path folder, List<String> sentences) throws IOException {
    ModelFolder model = ModelFolder.read(folder);
    try (TokenEncoder encoder = model.open();
        SentenceEmbedder embedder =
            new SentenceEmbedder(
                encoder, model.pooler().create(PoolerOptions.of(List.of(), Map.of(), 384)))) {
      return embedder.embed(sentences);
    }
  }

  /** Words that are one token each. */
  private static String words(int count) {
    List<String> words = List.of("rain", "falls", "on", "the", "quiet", "town", "again", "and");
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(words.get((i * i + 3 * i) % words.size())).append(' ');
    }
    return text.toString().strip();
  }

  /** Some odd ones, and real ones put together to texts of 10 to 400 words. */
  private static List<String> sentencesOfManyLengths() throws IOException {
    List<String> sentences =
        new ArrayList<>(
            List.of(
                "a",
                "Hello!",
                "CAFÉ au lait, s'il vous plaît.",
                "1,234.56 EUR (approx.)",
                "don't you'd we'll",
                "naïve façade — “quoted”…",
                "e-mail: someone@example.org",
                "The QUICK brown Fox jumps over the lazy dog.",
                "C++ & C# are languages.",
                "unbelievably antidisestablishmentarianistic"));
    List<String> sample = sample();
    for (int i = 0; sentences.size() < 200; i++) {
      int parts = i % 10 == 9 ? 1 + i % 31 : 1 + i % 3;
      sentences.add(String.join(" ", sample.subList(i, i + parts)));
    }
    return sentences;
  }

  private static List<String> sample() throws IOException {
    try (var in = Sample.class.getResourceAsStream("sample-pairs.tsv")) {
      return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split("\t")[0])
          .toList();
    }
  }

  /** The folder of the data, which is not part of the project. */
  static Path stsb() {
    String folder = System.getProperty("poolmark.stsb", System.getenv("POOLMARK_STSB"));
    boolean there = folder != null && Files.isDirectory(Path.of(folder));
    if (!there && "true".equals(System.getenv("CI"))) {
      fail("expected the folder of STS-B in poolmark.stsb or POOLMARK_STSB, found " + folder);
    }
    assumeTrue(there, "STS-B is not at hand");
    return Path.of(folder);
  }
}
