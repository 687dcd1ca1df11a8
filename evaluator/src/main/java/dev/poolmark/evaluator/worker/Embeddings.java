package dev.poolmark.evaluator.worker;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import dev.poolmark.evaluator.metric.Similarity;
import dev.poolmark.evaluator.safetensors.SafetensorsWriter;
import dev.poolmark.evaluator.safetensors.TensorData;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Map;

/**
 * One embedding a sentence.
 *
 * @param values {@code (count, dim)}, row-major
 */
record Embeddings(float[] values, int count, int dim) {

  private static final JsonFactory FACTORY =
      JsonFactory.builder().enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER).build();

  void writeSafetensors(Path file) throws IOException {
    TensorData tensor = TensorData.of(values, count, dim);
    try (FileChannel channel = FileChannel.open(file, CREATE_NEW, WRITE)) {
      SafetensorsWriter.write(file, channel, Map.of("embeddings", tensor), Map.of());
    }
  }

  void writeJson(Path file) throws IOException {
    try (JsonGenerator json = FACTORY.createGenerator(file.toFile(), JsonEncoding.UTF8)) {
      json.writeStartObject();
      json.writeArrayFieldStart("embeddings");
      for (int row = 0; row < count; row++) {
        json.writeStartArray();
        for (int i = row * dim; i < (row + 1) * dim; i++) {
          json.writeNumber(values[i]);
        }
        json.writeEndArray();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
  }

  /** Writes the cosine of each pair of rows, the same row of both, as JSON. */
  void writeSimilarities(Embeddings other, Path file) throws IOException {
    double[] all = new double[Similarity.values().length];
    try (JsonGenerator json = FACTORY.createGenerator(file.toFile(), JsonEncoding.UTF8)) {
      json.writeStartObject();
      json.writeArrayFieldStart("similarities");
      for (int row = 0; row < count; row++) {
        Similarity.all(values, row * dim, other.values, row * dim, dim, all);
        json.writeNumber(all[Similarity.COSINE.ordinal()]);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
  }
}
