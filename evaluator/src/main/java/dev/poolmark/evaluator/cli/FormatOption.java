package dev.poolmark.evaluator.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import picocli.CommandLine.Option;

/** For whom a command prints its results: people, or programs. */
final class FormatOption {

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** What there is to choose. */
  enum Format {
    TABLE,
    JSON
  }

  @Option(
      names = "--format",
      paramLabel = "table|json",
      defaultValue = "table",
      description = "How results are printed (${DEFAULT-VALUE}).")
  private Format format;

  boolean isJson() {
    return format == Format.JSON;
  }

  /** A record or a tree as indented JSON. */
  static String json(Object value) throws JsonProcessingException {
    return JSON.writeValueAsString(value);
  }
}
