package dev.poolmark.evaluator.training;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What training makes small, as lines of torch over {@code e}, the embeddings {@code (2 * pairs,
 * width)} of all first sentences and then all second ones, and {@code y}, the labels from 0 to 5.
 */
public enum Loss {
  /** One minus the correlation of cosine and label within the batch. */
  PEARSON(
      "c = torch.cosine_similarity(a, b)",
      "c = torch.sub(c, torch.mean(c))",
      "y = torch.sub(y, torch.mean(y))",
      "n = torch.clamp(torch.mul(torch.norm(c), torch.norm(y)), 1e-8)",
      "return torch.rsub(torch.div(torch.sum(torch.mul(c, y)), n), 1)"),
  /**
   * Each pair of pairs in the wrong order costs, by how far their cosines are apart (Su, CoSENT,
   * 2022; scale 20).
   */
  COSENT(wrongOrders("s = torch.mul(torch.cosine_similarity(a, b), 20)")),
  /**
   * CoSENT over the difference of angles in complex space (Li and Li, AnglE-optimized Text
   * Embeddings, 2023; scale 20), as sentence-transformers computes it: an odd width is filled up
   * with a zero. It takes absolute values, so that opposite sentences count as alike: it is for
   * embeddings that share a direction, as encoders' do.
   */
  ANGLE(
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
          "s = torch.mul(torch.abs(torch.div(torch.add(re, im), torch.clamp(n, 1e-8))), 20)")),
  /** The mean square of cosine minus label / 5. */
  COSINE_MSE(
      "c = torch.cosine_similarity(a, b)",
      "d = torch.sub(c, torch.div(y, 5))",
      "return torch.mean(torch.mul(d, d))"),
  /**
   * Multiple negatives ranking (Henderson et al., 2017; scale 20): the first sentence of a pair
   * labelled 4 or more shall find its second one among those of the whole batch.
   */
  MNRL(
      "a = torch.div(a, torch.clamp(torch.norm(a, 2, [1], True), 1e-8))",
      "b = torch.div(b, torch.clamp(torch.norm(b, 2, [1], True), 1e-8))",
      "s = torch.mul(torch.matmul(a, torch.transpose(b, 0, 1)), 20)",
      "d = torch.diagonal(torch.log_softmax(s, 1))",
      "k = torch.ge(y, 4)",
      "return torch.neg(torch.div(torch.sum(torch.mul(d, k)), torch.clamp(torch.sum(k), 1)))");

  private static final List<String> SIDES =
      List.of(
          "a = torch.narrow(e, 0, 0, y.size(0))", "b = torch.narrow(e, 0, y.size(0), y.size(0))");

  private final List<String> lines;

  Loss(String... lines) {
    this.lines = List.of(lines);
  }

  /** The name on the command line and in files: {@code cosine_mse}. */
  @JsonValue
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The body of {@code forward(self, e, y)}; it returns a scalar. */
  List<String> lines() {
    List<String> all = new ArrayList<>(SIDES);
    all.addAll(lines);
    return all;
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
