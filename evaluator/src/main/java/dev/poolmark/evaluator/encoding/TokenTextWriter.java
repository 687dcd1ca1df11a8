package dev.poolmark.evaluator.encoding;

import com.fasterxml.jackson.core.io.NumberOutput;
import dev.poolmark.evaluator.encoder.TokenEmbeddings;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Writes token embeddings as the contest's text: a row a sentence, the number of tokens, the
 * dimension, then tokens × dimension numbers, parted by spaces. A number has the fewest digits that
 * read back to the same float.
 */
final class TokenTextWriter implements Closeable {

  /** More than the longest spelling of a number and what parts it from the next. */
  private static final int LONGEST_NUMBER = 32;

  private final OutputStream out;
  private final byte[] buffer = new byte[1 << 16];
  private int used;

  TokenTextWriter(OutputStream out) {
    this.out = out;
  }

  void write(TokenEmbeddings sentence) throws IOException {
    write(Integer.toString(sentence.tokens()), ' ');
    float[] values = sentence.values();
    write(Integer.toString(sentence.dim()), ' ');
    for (int i = 0; i < values.length; i++) {
      // The fast writer of Jackson is Schubfach: until Java 19 Float.toString is not always
      // shortest.
      write(NumberOutput.toString(values[i], true), i + 1 < values.length ? ' ' : '\n');
    }
  }

  @Override
  public void close() throws IOException {
    try (out) {
      out.write(buffer, 0, used);
      used = 0;
    }
  }

  private void write(String ascii, char end) throws IOException {
    if (used + LONGEST_NUMBER > buffer.length) {
      out.write(buffer, 0, used);
      used = 0;
    }
    for (int i = 0; i < ascii.length(); i++) {
      buffer[used++] = (byte) ascii.charAt(i);
    }
    buffer[used++] = (byte) end;
  }
}
