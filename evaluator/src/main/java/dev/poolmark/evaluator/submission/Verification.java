package dev.poolmark.evaluator.submission;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poolmark.api.Pooler;
import dev.poolmark.evaluator.batch.BatchPooler;
import dev.poolmark.evaluator.batch.StoreTokens;
import dev.poolmark.evaluator.batch.TokenBatch;
import dev.poolmark.evaluator.batch.Tokens;
import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.files.TemporaryFolder;
import dev.poolmark.evaluator.torch.CompiledPooler;
import dev.poolmark.evaluator.torch.PoolerFault;
import dev.poolmark.evaluator.torch.TorchEngine;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.stream.IntStream;

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
  private static final int PADDED = 256;

  /**
   * Runs a submission on sentences of the data, and the pooler it was made of as well.
   *
   * @throws PoolerFault when it fails, or its embeddings differ
   */
  static Verification of(
      Path zip, Pooler pooler, int dim, TokenStore data, Python python, TemporaryFolder work)
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
    try (CompiledPooler compiled = CompiledPooler.of(pooler, dim, 0)) {
      BatchPooler batches = BatchPooler.of(compiled);
      int[] rows = IntStream.range(0, Math.min(PADDED, data.rows())).toArray();
      Tokens tokens = StoreTokens.of(data, Side.FIRST, rows);
      BatchFiles files = new BatchFiles(folder);
      for (int i = 0; i < Math.min(SINGLES, rows.length); i++) {
        batches.pool(tokens.only(new int[] {i}), files);
      }
      batches.pool(tokens, files);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** Puts each batch's tokens and embeddings as raw float32, the shapes in the files' names. */
  private static final class BatchFiles implements BatchPooler.Sink {
    private final Path folder;
    private int number;

    BatchFiles(Path folder) {
      this.folder = folder;
    }

    @Override
    public void take(int[] sentences, TokenBatch tokens, float[] embeddings) {
      Path prefix = folder.resolve("batch-" + number++);
      int width = embeddings.length / tokens.size();
      ByteBuffer values =
          ByteBuffer.allocate(embeddings.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      values.asFloatBuffer().put(embeddings);
      write(
          tokens.buffer().duplicate(),
          "%s.tokens.%d.%d.%d",
          prefix,
          tokens.size(),
          tokens.seqLen(),
          tokens.dim());
      write(values, "%s.embeddings.%d.%d", prefix, tokens.size(), width);
    }
  }

  private static void write(ByteBuffer bytes, String name, Object... shape) {
    Path file = Path.of(String.format(Locale.ROOT, name, shape));
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
