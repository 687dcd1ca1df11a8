package dev.poolmark.evaluator.tuning;

import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.torch.CoreSpeed;
import dev.poolmark.evaluator.torch.TorchEngine;
import dev.poolmark.evaluator.tuning.InspectionReport.Core;
import dev.poolmark.evaluator.tuning.InspectionReport.Kind;
import dev.poolmark.evaluator.tuning.InspectionReport.Lengths;
import dev.poolmark.evaluator.tuning.InspectionReport.MeanSpearman;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Tells what kind of tokens labelled pairs have, and what to do with them. */
public final class Inspection {

  private static final List<Integer> BATCH_SIZES = List.of(16, 64, 256);
  private static final List<Integer> COMPONENTS = List.of(1, 2, 3, 5);
  private static final int ROGUE_DIMENSIONS = 5;

  /** Tokens of tuned encoders lose by treatments; raw ones gain several times as much as this. */
  private static final double RAW_GAIN = 0.02;

  private static final double SPREAD_COSINE = 0.4;

  private Inspection() {}

  /**
   * Inspects a data set: one pass over its tokens, then the means of its sentences.
   *
   * @param store labelled pairs
   */
  public static InspectionReport of(TokenStore store) {
    TorchEngine.start(1);
    SentenceMeans means = new SentenceMeans(store);
    TokenScan scan = TokenScan.of(store, means);
    double meanCosine = means.meanCosine();
    MeanSpearman spearman = spearman(means);
    Kind kind = kind(spearman, meanCosine);
    return new InspectionReport(
        store.name(),
        store.sha256(),
        store.rows(),
        2L * store.rows(),
        store.tokens(),
        store.dim(),
        lengths(store),
        paddingShare(store),
        labels(store),
        scan.duplicateSentences(),
        scan.duplicatePairs(),
        scan.constantFirstToken(),
        scan.constantLastToken(),
        scan.zeroRows(),
        meanCosine,
        scan.varianceShare(ROGUE_DIMENSIONS),
        spearman,
        core(),
        kind,
        advice(kind, spearman));
  }

  private static Core core() {
    CoreSpeed speed = CoreSpeed.measure();
    return new Core(speed.readGbPerSecond(), speed.gflops());
  }

  private static Lengths lengths(TokenStore store) {
    int[] sorted = TokenScan.lengths(store);
    return new Lengths(
        sorted[0],
        quantile(sorted, 0.25),
        quantile(sorted, 0.5),
        quantile(sorted, 0.75),
        quantile(sorted, 0.95),
        sorted[sorted.length - 1],
        Arrays.stream(sorted).average().orElseThrow());
  }

  /** The smallest length that so large a share of the sentences does not pass. */
  private static int quantile(int[] sorted, double share) {
    return sorted[(int) Math.ceil(share * sorted.length) - 1];
  }

  private static SortedMap<Integer, Double> paddingShare(TokenStore store) {
    SortedMap<Integer, Double> shares = new TreeMap<>();
    BATCH_SIZES.forEach(size -> shares.put(size, TokenScan.paddingShare(store, size)));
    return shares;
  }

  private static int[] labels(TokenStore store) {
    int[] counts = new int[5];
    for (double label : store.labels()) {
      counts[(int) Math.min(4, label)]++;
    }
    return counts;
  }

  private static MeanSpearman spearman(SentenceMeans means) {
    SortedMap<Integer, @Nullable Double> withoutFirst = new TreeMap<>();
    COMPONENTS.forEach(k -> withoutFirst.put(k, orNull(means.spearmanWithoutFirst(k))));
    return new MeanSpearman(
        orNull(means.spearman()),
        orNull(means.standardisedSpearman()),
        withoutFirst,
        orNull(means.whitenedSpearman()));
  }

  private static @Nullable Double orNull(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }

  /**
   * Raw where a treatment that knows no labels lifts the mean. Where no correlation is defined, the
   * means' own directions must do: those of a tuned encoder are spread.
   */
  private static Kind kind(MeanSpearman spearman, double meanCosine) {
    OptionalDouble treated = spearman.bestTreated();
    boolean raw =
        spearman.raw() == null || treated.isEmpty()
            ? meanCosine > SPREAD_COSINE
            : treated.getAsDouble() - spearman.raw() > RAW_GAIN;
    return raw ? Kind.RAW : Kind.TUNED;
  }

  private static String advice(Kind kind, MeanSpearman spearman) {
    String found =
        spearman.raw() == null || spearman.bestTreated().isEmpty()
            ? ""
            : String.format(
                Locale.ROOT,
                " The mean of a sentence's tokens reaches a Spearman of %.3f, and the best treatment"
                    + " without labels reaches %.3f.",
                spearman.raw(),
                spearman.bestTreated().getAsDouble());
    return kind == Kind.RAW
        ? "The tokens are raw: nobody tuned their encoder for similarity."
            + found
            + " Train a pooler that weighs the tokens, as the default of train does, with --loss"
            + " correlations --batch-size 64 --initial whitened --averaging 0.9 --unrelated 0.2."
        : "The tokens are tuned: their mean is a good sentence embedding already."
            + found
            + " Train a cheap pooler such as low_rank, and look at its time as much as at its quality.";
  }
}
