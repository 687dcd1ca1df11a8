package dev.poolmark.evaluator.files;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;

/** Writes to a stream; where that fails, the exception names it. */
public class NamedOutputStream extends OutputStream {

  private final String name;
  private final OutputStream out;

  /**
   * @param name what a failure is blamed on
   */
  public NamedOutputStream(String name, OutputStream out) {
    this.name = name;
    this.out = out;
  }

  /** Opens a file, as {@link Files#newOutputStream} does. */
  public static OutputStream open(Path file, OpenOption... options) throws IOException {
    try {
      return new NamedOutputStream(file.toString(), Files.newOutputStream(file, options));
    } catch (IOException e) {
      throw UnwrittenException.of(file, e);
    }
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int count) throws IOException {
    try {
      out.write(bytes, from, count);
    } catch (IOException e) {
      throw UnwrittenException.of(name, e);
    }
  }

  @Override
  public void flush() throws IOException {
    try {
      out.flush();
    } catch (IOException e) {
      throw UnwrittenException.of(name, e);
    }
  }

  @Override
  public void close() throws IOException {
    try {
      out.close();
    } catch (IOException e) {
      throw UnwrittenException.of(name, e);
    }
  }
}
