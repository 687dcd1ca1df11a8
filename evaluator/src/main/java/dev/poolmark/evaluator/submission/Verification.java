package dev.poolmark.evaluator.submission;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poolmark.api.Pooler;
import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.torch.CompiledPooler;
import dev.poolmark.evaluator.torch.EmbeddingTensor;
import dev.poolmark.evaluator.torch.PoolerFault;
import dev.poolmark.evaluator.torch.TokenTensor;
import dev.poolmark.evaluator.torch.TorchEngine;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/**
 * What a real Python makes of a submission.
 *
 * @param python its version
 * @param torch its torch's version
 * @param sentences how many were embedded on both sides, single ones and padded batches
 * @param largestDifference between a number in Python and in Java
 * @param relativeDifference the largest difference within a sentence over the sentence's largest
 *     number
 */
public record Verification(
    String python,
    String torch,
    int sentences,
    @JsonProperty("largest_difference") double largestDifference,
    @JsonProperty("relative_difference") double relativeDifference) {

  /** Sums in another order may differ by this; anything that is wrong differs by far more. */
  static final double TOLERANCE = 1e-5;

  private static final int SINGLES = 16;
  private static final int BATCHES = 4;
  private static final int BATCH = 64;

  /**
   * Runs a submission on sentences of the data, and the pooler it was made of as well.
   *
   * @throws PoolerFault when it fails, or its embeddings differ
   */
  static Verification of(
      Path zip, Pooler pooler, int dim, TokenStore data, Python python, WorkFolder work)
      throws IOException {
    writeBatches(pooler, dim, data, work.path());
    Path script = work.resolve("verify.py");
    try (InputStream source = Verification.class.getResourceAsStream("verify.py")) {
      Files.copy(source, script);
    }
    Verification verification =
        new ObjectMapper().readValue(python.run(script, zip, work.path()), Verification.class);
    if (!(verification.relativeDifference <= TOLERANCE)) {
      throw new PoolerFault(
          String.format(
              Locale.ROOT,
              "the export differs in Python: expected embeddings within %s of Java's, found %.2e",
              TOLERANCE,
              verification.relativeDifference));
    }
    return verification;
  }

  private static void writeBatches(Pooler pooler, int dim, TokenStore data, Path folder)
      throws IOException {
    TorchEngine.start(1);
    TorchEngine.prepareThread();
    try (CompiledPooler compiled = CompiledPooler.of(pooler, dim, 0)) {
      int number = 0;
      for (int i = 0; i < Math.min(SINGLES, data.rows()); i++) {
        writeBatch(compiled, data, i, i + 1, folder.resolve("batch-" + number++));
      }
      for (int i = 0; i < BATCHES && i * BATCH < data.rows(); i++) {
        int end = Math.min(data.rows(), (i + 1) * BATCH);
        writeBatch(compiled, data, i * BATCH, end, folder.resolve("batch-" + number++));
      }
    }
  }

  /** Tokens and embeddings as raw float32, the shapes in the files' names. */
  private static void writeBatch(
      CompiledPooler pooler, TokenStore data, int from, int to, Path prefix) throws IOException {
    int batch = to - from;
    int seq = 0;
    for (int i = from; i < to; i++) {
      seq = Math.max(seq, data.length(Side.FIRST, i));
    }
    int sentenceBytes = seq * data.dim() * Float.BYTES;
    ByteBuffer tokens =
        ByteBuffer.allocateDirect(batch * sentenceBytes).order(ByteOrder.nativeOrder());
    for (int i = from; i < to; i++) {
      tokens.position((i - from) * sentenceBytes);
      data.copy(Side.FIRST, i, tokens);
    }
    tokens.clear();
    write(
        Path.of(String.format(Locale.ROOT, "%s.tokens.%d.%d.%d", prefix, batch, seq, data.dim())),
        tokens.slice());
    try (TokenTensor x = new TokenTensor(tokens, batch, seq, data.dim())) {
      EmbeddingTensor embeddings = pooler.forward(x);
      int width = embeddings.dim(batch);
      ByteBuffer values =
          ByteBuffer.allocate(batch * width * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      values.asFloatBuffer().put(embeddings.values(batch, width));
      write(
          Path.of(String.format(Locale.ROOT, "%s.embeddings.%d.%d", prefix, batch, width)), values);
    }
  }

  private static void write(Path file, ByteBuffer bytes) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
  }
}
