package dev.poolmark.server.http.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import dev.poolmark.server.text.Embedding;
import dev.poolmark.server.text.Text;
import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;

/**
 * What a client wants to know of texts.
 *
 * @param texts what has to be embeddings for it
 * @param answer how it is answered then
 */
record Question(List<Text> texts, Answer answer) {

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER).build();

  /** Writes the answer's JSON. */
  @FunctionalInterface
  interface Answer {
    void write(JsonGenerator json, List<Embedding> embeddings) throws IOException;
  }

  Buffer answer(List<Embedding> embeddings) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      answer.write(json, embeddings);
    }
    return Buffer.buffer(bytes.toByteArray());
  }
}
