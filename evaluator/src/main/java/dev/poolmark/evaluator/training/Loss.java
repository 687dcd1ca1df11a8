package dev.poolmark.evaluator.training;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.poolmark.evaluator.dataset.Layout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What training makes small, as lines of torch over {@code e}, the embeddings {@code (sides * rows,
 * width)} of all first sentences of the rows, then all second ones, and so on, and {@code y}, the
 * rows' numbers: labels from 0 to 5, or margins.
 */
public enum Loss {
  /**
   * One minus Spearman's correlation of cosine and label within the batch. A cosine's rank is made
   * differentiable: it is the sum of the sigmoids of its differences to the others (Qin, Liu and
   * Li, A General Approximation Framework for Direct Optimization of IR Measures, 2010; temperature
   * 0.1). Equal labels share their mean rank.
   */
  SPEARMAN(
      pairs(
          lines(
              lines("c = torch.cosine_similarity(a, b)"),
              softRanks(),
              correlation("r"),
              lines("return torch.rsub(r, 1)")))),
  /** One minus the correlation of cosine and label within the batch. */
  PEARSON(
      pairs(
          lines(
              lines("c = torch.cosine_similarity(a, b)"),
              correlation("r"),
              lines("return torch.rsub(r, 1)")))),
  /** The sum of the two: the order of the pairs, and how far they lie apart. */
  CORRELATIONS(
      pairs(
          lines(
              lines("c = torch.cosine_similarity(a, b)"),
              correlation("p"),
              softRanks(),
              correlation("r"),
              lines("return torch.rsub(torch.add(p, r), 2)")))),
  /**
   * Each pair of pairs in the wrong order costs, by how far their cosines are apart (Su, CoSENT,
   * 2022; scale 20).
   */
  COSENT(pairs(wrongOrders("s = torch.mul(torch.cosine_similarity(a, b), 20)"))),
  /**
   * CoSENT over the difference of angles in complex space (Li and Li, AnglE-optimized Text
   * Embeddings, 2023; scale 20), as sentence-transformers computes it: an odd width is filled up
   * with a zero. It takes absolute values, so that opposite sentences count as alike: it is for
   * embeddings that share a direction, as encoders' do.
   */
  ANGLE(
      pairs(
          wrongOrders(
              "h = int((e.size(1) + 1) // 2)",
              "o = torch.zeros([y.size(0), e.size(1) % 2])",
              "ar = torch.narrow(a, 1, 0, h)",
              "ai = torch.cat([torch.narrow(a, 1, h, e.size(1) - h), o], 1)",
              "br = torch.narrow(b, 1, 0, h)",
              "bi = torch.cat([torch.narrow(b, 1, h, e.size(1) - h), o], 1)",
              "n = torch.mul(torch.norm(a, 2, [1]), torch.norm(b, 2, [1]))",
              "re = torch.sum(torch.add(torch.mul(ar, br), torch.mul(ai, bi)), [1])",
              "im = torch.sum(torch.sub(torch.mul(ai, br), torch.mul(ar, bi)), [1])",
              "s = torch.mul(torch.abs(torch.div(torch.add(re, im), torch.clamp(n, 1e-8))), 20)"))),
  /** The mean square of cosine minus label / 5. */
  COSINE_MSE(
      pairs(
          "c = torch.cosine_similarity(a, b)",
          "d = torch.sub(c, torch.div(y, 5))",
          "return torch.mean(torch.mul(d, d))")),
  /**
   * Multiple negatives ranking (Henderson et al., 2017; scale 20), by cosine. Of pairs, the first
   * sentence of one labelled 4 or more shall find its second one among those of the whole batch; of
   * triplets, each anchor its positive among all positives and all negatives of the batch.
   */
  MNRL(
      pairs(
          normalised("a"),
          normalised("b"),
          "s = torch.mul(torch.matmul(a, torch.transpose(b, 0, 1)), 20)",
          "d = torch.diagonal(torch.log_softmax(s, 1))",
          "k = torch.ge(y, 4)",
          "return torch.neg(torch.div(torch.sum(torch.mul(d, k)), torch.clamp(torch.sum(k), 1)))"),
      triplets(
          normalised("a"),
          normalised("e"),
          "b = torch.narrow(e, 0, y.size(0), int(y.size(0) * 2))",
          "s = torch.mul(torch.matmul(a, torch.transpose(b, 0, 1)), 20)",
          "return torch.neg(torch.mean(torch.diagonal(torch.log_softmax(s, 1))))")),
  /**
   * The symmetric one, as sentence-transformers' {@code MultipleNegativesSymmetricRankingLoss}
   * computes it (scale 20): each anchor shall find its positive among those of the batch, and each
   * positive its anchor, the mean of the two cross-entropies. Negatives count for nothing.
   */
  MNSRL(
      triplets(
          normalised("a"),
          normalised("b"),
          "s = torch.mul(torch.matmul(a, torch.transpose(b, 0, 1)), 20)",
          "there = torch.diagonal(torch.log_softmax(s, 1))",
          "back = torch.diagonal(torch.log_softmax(s, 0))",
          "return torch.div(torch.mean(torch.add(there, back)), -2)")),
  /**
   * The mean square of the difference to a teacher's margin (Hofstätter et al., 2020): how much
   * larger an anchor's dot product with its positive is than that with its negative.
   */
  MARGIN_MSE(
      triplets(
          marginMse("p = torch.sum(torch.mul(a, b), [1])", "n = torch.sum(torch.mul(a, c), [1])"))),
  /** The same by cosine, which is how poolers are compared here and most teachers' margins are. */
  COSINE_MARGIN_MSE(
      triplets(
          marginMse("p = torch.cosine_similarity(a, b)", "n = torch.cosine_similarity(a, c)")));

  private static final List<String> SIDES =
      List.of(
          "a = torch.narrow(e, 0, 0, y.size(0))", "b = torch.narrow(e, 0, y.size(0), y.size(0))");
  private static final String THIRD_SIDE = "c = torch.narrow(e, 0, int(y.size(0) * 2), y.size(0))";

  private final Map<Layout, List<String>> lines = new EnumMap<>(Layout.class);

  @SafeVarargs
  Loss(Map.Entry<Layout, List<String>>... lines) {
    for (Map.Entry<Layout, List<String>> entry : lines) {
      this.lines.put(entry.getKey(), entry.getValue());
    }
  }

  private static Map.Entry<Layout, List<String>> pairs(String... lines) {
    return Map.entry(Layout.PAIRS, List.of(lines));
  }

  private static Map.Entry<Layout, List<String>> triplets(String... lines) {
    return Map.entry(Layout.TRIPLETS, List.of(lines));
  }

  /** The name on the command line and in files: {@code cosine_mse}. */
  @JsonValue
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Where to start: for pairs with the one that did best here, for triplets with the field's own.
   */
  public static Loss usual(Layout layout) {
    return layout == Layout.PAIRS ? SPEARMAN : MNRL;
  }

  /** The share of unrelated pairs that did best, as far as was measured. */
  public double usualUnrelated() {
    return takesUnrelated() ? 0.1 : 0;
  }

  /** Whether it follows the teacher's margins. */
  boolean wantsMargins() {
    return this == MARGIN_MSE || this == COSINE_MARGIN_MSE;
  }

  /** Whether it can be made small on such rows. */
  boolean takes(Layout layout) {
    return lines.containsKey(layout);
  }

  /** The names of those that take such rows. */
  static String keys(Layout layout) {
    return Arrays.stream(values())
        .filter(loss -> loss.takes(layout))
        .map(Loss::key)
        .collect(Collectors.joining(", "));
  }

  /** Whether it compares labels, so that pairs of no relation, labelled 0, can be added. */
  boolean takesUnrelated() {
    return takes(Layout.PAIRS) && this != MNRL;
  }

  /**
   * The body of {@code forward(self, e, y)} for rows that it takes; it returns a scalar.
   *
   * @param unrelated share of the pairs that are added once more with another pair's second
   *     sentence and the label 0
   */
  List<String> lines(Layout layout, double unrelated) {
    List<String> all = new ArrayList<>(SIDES);
    if (layout == Layout.TRIPLETS) {
      all.add(THIRD_SIDE);
    }
    if (unrelated > 0) {
      all.add(String.format(Locale.ROOT, "k = int(y.size(0) * %s)", unrelated));
      all.add("a = torch.cat([a, torch.narrow(a, 0, 0, k)])");
      all.add("b = torch.cat([b, torch.narrow(torch.roll(b, [1], [0]), 0, 0, k)])");
      all.add("y = torch.cat([y, torch.zeros([k])])");
    }
    all.addAll(lines.get(layout));
    return all;
  }

  private static String[] lines(String... lines) {
    return lines;
  }

  private static String[] lines(String[]... parts) {
    return Arrays.stream(parts).flatMap(Arrays::stream).toArray(String[]::new);
  }

  /** Puts ranks in the place of the cosines {@code c} and the labels {@code y}. */
  private static String[] softRanks() {
    return lines(
        "d = torch.sub(torch.unsqueeze(c, 1), torch.unsqueeze(c, 0))",
        "c = torch.sum(torch.sigmoid(torch.mul(d, 10)), [1])",
        "u = torch.unsqueeze(y, 1)",
        "v = torch.unsqueeze(y, 0)",
        "y = torch.add(torch.sum(torch.gt(u, v), [1]), torch.sum(torch.ge(u, v), [1]))",
        "y = torch.mul(y, 0.5)");
  }

  /** The correlation of {@code c} and {@code y}, which stay as they are. */
  private static String[] correlation(String result) {
    return lines(
        "f = torch.sub(c, torch.mean(c))",
        "g = torch.sub(y, torch.mean(y))",
        "n = torch.clamp(torch.mul(torch.norm(f), torch.norm(g)), 1e-8)",
        result + " = torch.div(torch.sum(torch.mul(f, g)), n)");
  }

  private static String normalised(String e) {
    return String.format(
        Locale.ROOT,
        "%s = torch.div(%s, torch.clamp(torch.norm(%s, 2, [1], True), 1e-8))",
        e,
        e,
        e);
  }

  private static String[] marginMse(String positive, String negative) {
    return new String[] {
      positive, negative, "d = torch.sub(torch.sub(p, n), y)", "return torch.mean(torch.mul(d, d))"
    };
  }

  /** {@code log(1 + sum of exp(s_i - s_j))} over all i and j with {@code y_i < y_j}. */
  private static String[] wrongOrders(String... scores) {
    List<String> lines = new ArrayList<>(List.of(scores));
    lines.add("d = torch.sub(torch.unsqueeze(s, 1), torch.unsqueeze(s, 0))");
    lines.add("o = torch.ge(torch.unsqueeze(y, 1), torch.unsqueeze(y, 0))");
    lines.add("d = torch.flatten(torch.masked_fill(d, o, -1e12))");
    lines.add("return torch.logsumexp(torch.cat([torch.zeros([1]), d]), [0])");
    return lines.toArray(String[]::new);
  }
}
