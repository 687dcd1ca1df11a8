package dev.poolmark.evaluator.encoding;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.encoder.BundledEncoders;
import dev.poolmark.evaluator.encoder.TokenEmbeddings;
import dev.poolmark.evaluator.encoder.TokenEncoder;
import dev.poolmark.evaluator.sentences.SentenceFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The encoders, held to the figures known for the development set of STS-B. */
class StsbEncodingTest {

  private static final double TOLERANCE = 0.0005;

  private static final Map<String, Function<TokenEmbeddings, float[]>> POOLERS =
      new LinkedHashMap<>();

  static {
    POOLERS.put("mean", Pooling::mean);
    POOLERS.put("max", Pooling::max);
    POOLERS.put("cls", Pooling::cls);
    POOLERS.put("lasttoken", Pooling::lastToken);
    POOLERS.put("weightedmean", Pooling::weightedMean);
    POOLERS.put("mean of the first", e -> Pooling.slice(Pooling.mean(e), 0, 384));
    POOLERS.put("cls of the second", e -> Pooling.slice(Pooling.cls(e), 384, 768));
  }

  @TempDir Path folder;

  @Test
  void knownFiguresAreReached() throws Exception {
    Path pairs = stsb().resolve("sts-dev.csv");
    Path out = folder.resolve("encoded");
    try (TokenEncoder encoder = BundledEncoders.open(TestCache.folder())) {
      new FileEncoder(side -> encoder)
          .encode(
              new EncodeRequest(SentenceFile.pairs(pairs), Optional.empty(), false, out),
              EncodeProgress.NONE);
    }

    Map<String, List<Double>> closeness = new LinkedHashMap<>();
    POOLERS.keySet().forEach(name -> closeness.put(name, new ArrayList<>()));
    List<Double> labels = new ArrayList<>();
    try (TokenStore store = TokenStore.read(out.resolve("tokens.safetensors"), "dev")) {
      for (int pair = 0; pair < store.rows(); pair++) {
        TokenEmbeddings first = Pooling.sentence(store, Side.FIRST, pair);
        TokenEmbeddings second = Pooling.sentence(store, Side.SECOND, pair);
        POOLERS.forEach(
            (name, pooler) ->
                closeness.get(name).add(Pooling.cosine(pooler.apply(first), pooler.apply(second))));
        labels.add(store.labels()[pair]);
      }
    }

    assertEquals(1500, labels.size());
    assertAll(
        () -> assertFigures("mean", .8970, .8941, closeness, labels),
        () -> assertFigures("max", .8677, .8480, closeness, labels),
        () -> assertFigures("cls", .8869, .8806, closeness, labels),
        () -> assertFigures("lasttoken", .8832, .8794, closeness, labels),
        () -> assertFigures("weightedmean", .8955, .8943, closeness, labels),
        () ->
            assertEquals(
                .8672, Pooling.spearman(closeness.get("mean of the first"), labels), TOLERANCE),
        () ->
            assertEquals(
                .8892, Pooling.spearman(closeness.get("cls of the second"), labels), TOLERANCE));
  }

  private static void assertFigures(
      String name,
      double spearman,
      double pearson,
      Map<String, List<Double>> closeness,
      List<Double> labels) {
    List<Double> found = closeness.get(name);
    assertEquals(spearman, Pooling.spearman(found, labels), TOLERANCE, name + ", Spearman");
    assertEquals(pearson, Pooling.pearson(found, labels), TOLERANCE, name + ", Pearson");
  }

  /** The folder of the data, which is not part of the project. */
  private static Path stsb() {
    String folder = System.getProperty("poolmark.stsb", System.getenv("POOLMARK_STSB"));
    boolean there = folder != null && Files.isDirectory(Path.of(folder));
    if (!there && "true".equals(System.getenv("CI"))) {
      fail("expected the folder of STS-B in poolmark.stsb or POOLMARK_STSB, found " + folder);
    }
    assumeTrue(there, "STS-B is not at hand");
    return Path.of(folder);
  }
}
