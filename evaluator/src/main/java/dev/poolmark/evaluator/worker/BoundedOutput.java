package dev.poolmark.evaluator.worker;

import java.io.IOException;
import java.io.OutputStream;

/** Passes on so many bytes, and drops the rest: a plugin that prints without end costs no time. */
public final class BoundedOutput extends OutputStream {

  private final OutputStream out;
  private long left;

  public BoundedOutput(OutputStream out, long most) {
    this.out = out;
    this.left = most;
  }

  @Override
  public synchronized void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int count) throws IOException {
    int passed = (int) Math.min(count, left);
    if (passed > 0) {
      out.write(bytes, offset, passed);
      left -= passed;
    }
  }

  @Override
  public void flush() throws IOException {
    out.flush();
  }
}
