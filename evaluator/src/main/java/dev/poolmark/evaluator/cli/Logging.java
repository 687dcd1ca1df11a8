package dev.poolmark.evaluator.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.logging.LogManager;

/**
 * What libraries log, by java.util.logging, which makes one of these when the first of them logs.
 * Most commands end before that, and need no configuration.
 */
public final class Logging {

  private static final String CONFIGURED_BY = "java.util.logging.config.class";

  /** Reads {@code logging.properties}. */
  public Logging() throws IOException {
    try (InputStream properties = Logging.class.getResourceAsStream("/logging.properties")) {
      LogManager.getLogManager().readConfiguration(Objects.requireNonNull(properties));
    }
  }

  /** From now on, unless whoever starts Java says otherwise. */
  static void configure() {
    if (System.getProperty("java.util.logging.config.file") == null
        && System.getProperty(CONFIGURED_BY) == null) {
      System.setProperty(CONFIGURED_BY, Logging.class.getName());
    }
  }
}
