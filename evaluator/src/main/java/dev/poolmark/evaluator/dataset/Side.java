package dev.poolmark.evaluator.dataset;

/** Which sentence of a row. */
public enum Side {
  FIRST("first"),
  SECOND("second"),
  ANCHOR("anchor"),
  POSITIVE("positive"),
  NEGATIVE("negative"),
  /** The only one of a document's row. */
  CORPUS("corpus");

  private final String key;

  Side(String key) {
    this.key = key;
  }

  /** The text file of its tokens, {@code first.txt}. */
  public String fileName() {
    return key + ".txt";
  }

  /** The tensor of all tokens of this side, F32 {@code [tokens, dim]}. */
  String tokens() {
    return key + ".tokens";
  }

  /** The tensor of the sentences' first tokens, I64 {@code [rows + 1]}; the last is the end. */
  String offsets() {
    return key + ".offsets";
  }
}
