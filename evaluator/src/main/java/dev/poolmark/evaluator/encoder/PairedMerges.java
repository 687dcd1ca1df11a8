package dev.poolmark.evaluator.encoder;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.poolmark.evaluator.files.BadDataException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Merges of a byte pair encoding as tokenizers 0.20 and later write them, {@code ["h", "e"]}, told
 * as the older one here reads them, {@code "h e"}.
 */
final class PairedMerges {

  private static final JsonFactory JSON = new JsonFactory();
  private static final Pattern MERGE = Pattern.compile("/model/merges/\\d+");

  private PairedMerges() {}

  /**
   * The tokenizer's file with its merges told that way; empty where there are none.
   *
   * @throws BadDataException where a part of a merge has a space, which the older way can't tell
   * @throws IOException where it is no JSON
   */
  static Optional<byte[]> joined(Path file) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    boolean found = false;
    try (JsonParser json = JSON.createParser(file.toFile());
        JsonGenerator out = JSON.createGenerator(bytes)) {
      while (json.nextToken() != null) {
        if (isMerge(json)) {
          out.writeString(part(json, file) + " " + part(json, file));
          json.nextToken();
          found = true;
        } else {
          out.copyCurrentEvent(json);
        }
      }
    }
    return found ? Optional.of(bytes.toByteArray()) : Optional.empty();
  }

  /** Whether this is the beginning of a list in {@code model.merges}. */
  private static boolean isMerge(JsonParser json) {
    return json.currentToken() == JsonToken.START_ARRAY
        && MERGE.matcher(json.getParsingContext().pathAsPointer().toString()).matches();
  }

  private static String part(JsonParser json, Path file) throws IOException {
    json.nextToken();
    String part = json.getValueAsString("");
    if (part.isEmpty() || part.contains(" ")) {
      throw new BadDataException(
          file, "merges of two parts without spaces", "'" + json.getText() + "'");
    }
    return part;
  }
}
