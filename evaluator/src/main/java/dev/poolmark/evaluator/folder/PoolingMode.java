package dev.poolmark.evaluator.folder;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The modes of sentence-transformers' {@code Pooling}, in the order in which its flags concatenate
 * them. The plugin {@code modes} has its own lines for them, which the evaluator doesn't see; a
 * test holds the two together.
 */
enum PoolingMode {
  CLS("cls", "pooling_mode_cls_token"),
  MAX("max", "pooling_mode_max_tokens"),
  MEAN("mean", "pooling_mode_mean_tokens"),
  MEAN_SQRT_LEN("mean_sqrt_len_tokens", "pooling_mode_mean_sqrt_len_tokens"),
  WEIGHTED_MEAN("weightedmean", "pooling_mode_weightedmean_tokens"),
  LAST_TOKEN("lasttoken", "pooling_mode_lasttoken");

  private final String key;
  private final String flag;

  PoolingMode(String key, String flag) {
    this.key = key;
    this.flag = flag;
  }

  /** Its name in the key {@code pooling_mode}. */
  String key() {
    return key;
  }

  /** The key that switches it on in the old schema. */
  String flag() {
    return flag;
  }

  static Optional<PoolingMode> of(String key) {
    return Arrays.stream(values()).filter(mode -> mode.key.equals(key)).findFirst();
  }

  static String keys() {
    return Arrays.stream(values()).map(PoolingMode::key).collect(Collectors.joining(", "));
  }

  /**
   * Lines that leave the pooled sentences, {@code (batch, dim)}, in a variable.
   *
   * @param e the variable's name; {@code m}, {@code (batch, seq, 1)}, says which tokens count
   * @param all whether the first token does
   */
  List<String> lines(String e, boolean all) {
    return switch (this) {
      case CLS ->
          all
              ? List.of(e + " = torch.select(x, 1, 0)")
              : List.of(
                  "i = torch.argmax(torch.mul(m, 1), 1, True)", // the first one that counts
                  e + " = torch.select(torch.take_along_dim(x, i, 1), 1, 0)");
      case MAX ->
          List.of(e + " = torch.amax(torch.masked_fill(x, torch.logical_not(m), -1e9), [1])");
      case MEAN ->
          List.of(
              e + " = torch.sum(torch.mul(x, m), [1])",
              String.format(
                  Locale.ROOT, "%s = torch.div(%s, torch.clamp(torch.sum(m, [1]), 1))", e, e));
      case MEAN_SQRT_LEN ->
          List.of(
              e + " = torch.sum(torch.mul(x, m), [1])",
              String.format(
                  Locale.ROOT,
                  "%s = torch.div(%s, torch.sqrt(torch.clamp(torch.sum(m, [1]), 1)))",
                  e,
                  e));
      case WEIGHTED_MEAN ->
          List.of(
              "w = torch.mul(torch.cumsum(torch.ones_like(m), 1), m)",
              e + " = torch.sum(torch.mul(x, w), [1])",
              String.format(
                  Locale.ROOT, "%s = torch.div(%s, torch.clamp(torch.sum(w, [1]), 1))", e, e));
      case LAST_TOKEN ->
          List.of(
              "i = torch.argmax(torch.cumsum(m, 1), 1, True)",
              e + " = torch.select(torch.take_along_dim(x, i, 1), 1, 0)");
    };
  }
}
