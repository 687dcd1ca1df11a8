package dev.poolmark.evaluator.dataset;

/** Sane bounds, checked before anything is allocated. */
final class FileLimits {

  /** Tokens a sentence. */
  static final int MAX_TOKENS = 65_536;

  /** Width of a token embedding. */
  static final int MAX_DIM = 65_536;

  /** Bytes of a row of labels or sentences. */
  static final int MAX_LINE_BYTES = 1 << 20;

  private FileLimits() {}
}
