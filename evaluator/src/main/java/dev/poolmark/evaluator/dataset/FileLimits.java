package dev.poolmark.evaluator.dataset;

/** Sane bounds, checked before anything is allocated. */
final class FileLimits {

  /** Tokens a sentence. */
  static final int MAX_TOKENS = 65_536;

  /** Width of a token embedding. */
  static final int MAX_DIM = 65_536;

  private FileLimits() {}
}
