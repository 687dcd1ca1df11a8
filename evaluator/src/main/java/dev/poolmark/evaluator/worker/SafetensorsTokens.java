package dev.poolmark.evaluator.worker;

import dev.poolmark.evaluator.batch.Tokens;
import dev.poolmark.evaluator.safetensors.DType;
import dev.poolmark.evaluator.safetensors.MalformedSafetensorsException;
import dev.poolmark.evaluator.safetensors.SafetensorsFile;
import dev.poolmark.evaluator.safetensors.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * Sentences in a safetensors file: {@code tokens} F32 (all tokens, dim), one sentence after the
 * other, and {@code lengths} I64 (sentences).
 */
final class SafetensorsTokens implements Tokens {

  private final SafetensorsFile file;
  private final TensorInfo tokens;
  private final long[] lengths;
  private final long[] starts;
  private final int dim;

  private SafetensorsTokens(SafetensorsFile file, TensorInfo tokens, long[] lengths) {
    this.file = file;
    this.tokens = tokens;
    this.lengths = lengths;
    this.starts = starts(lengths);
    this.dim = Math.toIntExact(tokens.shape().get(1));
  }

  static PoolingRequest read(Path path, String pooler) throws IOException {
    try {
      SafetensorsFile file = SafetensorsFile.openPrivate(path); // poolers may write into x
      TensorInfo tokens = tensor(file, "tokens", DType.F32, 2);
      tensor(file, "lengths", DType.I64, 1);
      long[] lengths = file.longs("lengths");
      check(lengths, tokens);
      return new PoolingRequest(pooler, List.of(new SafetensorsTokens(file, tokens, lengths)));
    } catch (MalformedSafetensorsException e) {
      throw new BadTokensException.Malformed(
          Objects.requireNonNull(e.getMessage()).replace(path + ": ", ""));
    }
  }

  private static TensorInfo tensor(SafetensorsFile file, String name, DType type, int dimensions) {
    TensorInfo tensor = file.tensors().get(name);
    if (tensor == null) {
      throw new BadTokensException(
          "expected tensors 'tokens' and 'lengths', found " + file.tensors().keySet());
    }
    if (tensor.dtype() != type || tensor.shape().size() != dimensions) {
      throw new BadTokensException(
          String.format(
              Locale.ROOT,
              "tensor '%s': expected %s of %d dimension(s), found %s of shape %s",
              name,
              type,
              dimensions,
              tensor.dtype(),
              tensor.shape()));
    }
    return tensor;
  }

  private static void check(long[] lengths, TensorInfo tokens) {
    if (lengths.length == 0) {
      throw new BadTokensException("expected at least one sentence, found none");
    }
    long rowBytes = tokens.shape().get(1) * Float.BYTES;
    if (rowBytes == 0) {
      throw new BadTokensException("expected token embeddings, found a width of 0");
    }
    long sum = 0;
    for (int i = 0; i < lengths.length; i++) {
      if (lengths[i] < 1 || lengths[i] > tokens.shape().get(0)) {
        throw new BadTokensException(
            String.format(
                Locale.ROOT,
                "sentence %d: expected at least 1 token, and not more than there are, found %d",
                i + 1,
                lengths[i]));
      }
      if (lengths[i] * rowBytes > Integer.MAX_VALUE) { // no more than the file, so no overflow
        throw new BadTokensException(
            String.format(
                Locale.ROOT,
                "sentence %d: expected at most 2 GiB, found %d tokens of %d bytes",
                i + 1,
                lengths[i],
                rowBytes));
      }
      sum += lengths[i];
    }
    if (sum != tokens.shape().get(0)) {
      throw new BadTokensException(
          String.format(
              Locale.ROOT,
              "expected lengths that sum to the %d tokens, found %d",
              tokens.shape().get(0),
              sum));
    }
  }

  private static long[] starts(long[] lengths) {
    long[] starts = new long[lengths.length];
    for (int i = 1; i < lengths.length; i++) {
      starts[i] = starts[i - 1] + lengths[i - 1];
    }
    return starts;
  }

  @Override
  public String name() {
    return "tokens";
  }

  @Override
  public int count() {
    return lengths.length;
  }

  @Override
  public int length(int sentence) {
    return (int) lengths[sentence];
  }

  @Override
  public int dim() {
    return dim;
  }

  @Override
  public void copy(int sentence, ByteBuffer target) {
    // Little-endian as they are: every platform that libtorch runs on is.
    long rowBytes = (long) dim * Float.BYTES;
    int limit = target.limit();
    target.limit(target.position() + (int) (lengths[sentence] * rowBytes));
    file.copy(tokens, starts[sentence] * rowBytes, target);
    target.limit(limit);
  }

  @Override
  public Optional<ByteBuffer> inPlace(int firstSentence, int sentences) {
    int last = firstSentence + sentences - 1;
    long rowBytes = (long) dim * Float.BYTES;
    long end = starts[last] + lengths[last];
    return file.view(
        tokens, starts[firstSentence] * rowBytes, (end - starts[firstSentence]) * rowBytes);
  }
}
