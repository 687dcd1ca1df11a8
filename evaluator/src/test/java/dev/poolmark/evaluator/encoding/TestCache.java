package dev.poolmark.evaluator.encoding;

import java.nio.file.Path;

/** A cache that all tests of a build share: the models are unpacked once. */
public final class TestCache {

  private TestCache() {}

  public static Path folder() {
    return Path.of("target", "test-cache");
  }
}
