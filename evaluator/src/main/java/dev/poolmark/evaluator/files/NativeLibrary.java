package dev.poolmark.evaluator.files;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** Native code that a library unpacks and loads when it is first used. */
public final class NativeLibrary {

  private NativeLibrary() {}

  /**
   * Loads it, before a file is opened with it that would be blamed.
   *
   * @param name what the user knows it as
   * @param folder where it is unpacked
   * @throws IOException naming that folder, where it can't be
   */
  public static void load(String name, Path folder, Runnable loading) throws IOException {
    try {
      loading.run();
    } catch (RuntimeException | LinkageError e) {
      Throwable cause = e;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s: expected a folder that the native library of %s can be unpacked into, found: %s",
              folder,
              name,
              cause.getMessage() == null ? cause.toString() : cause.getMessage()),
          e);
    }
  }
}
