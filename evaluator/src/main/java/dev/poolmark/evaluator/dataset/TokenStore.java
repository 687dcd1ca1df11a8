package dev.poolmark.evaluator.dataset;

import dev.poolmark.evaluator.safetensors.DType;
import dev.poolmark.evaluator.safetensors.SafetensorsFile;
import dev.poolmark.evaluator.safetensors.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * Token embeddings of a data set, memory-mapped: one safetensors file, readable from Python by
 * {@code safetensors.torch.load_file}. It may be read by several threads.
 *
 * <p>For labelled pairs its tensors are {@code first.tokens} F32 {@code [tokens, dim]}, {@code
 * first.offsets} I64 {@code [rows + 1]}, the same two for {@code second}, and {@code labels} F64
 * {@code [rows]}; for triplets the same of {@code anchor}, {@code positive} and {@code negative},
 * and perhaps {@code margins}; for a corpus the two of {@code corpus}. Sentence {@code i} has the
 * tokens from {@code offsets[i]} to before {@code offsets[i + 1]}. The last tensor is that of the
 * checksums. Its metadata are {@code format}, {@code name} and {@code sha256}.
 */
public final class TokenStore implements AutoCloseable {

  static final String FORMAT = "poolmark-tokens-2";

  private final SafetensorsFile file;
  private final String name;
  private final String sha256;
  private final Layout layout;
  private final Map<Side, Sentences> sides = new EnumMap<>(Side.class);
  private final double[] numbers;
  private final int rows;
  private final int dim;

  private TokenStore(SafetensorsFile file, String name) throws IOException {
    this.file = file;
    this.name = name;
    String sha256 = file.metadata().get("sha256");
    require(FORMAT.equals(file.metadata().get("format")), "format " + FORMAT);
    require(sha256 != null, "a sha256");
    this.sha256 = Objects.requireNonNull(sha256);
    file.verify();
    this.layout = layout(file);
    for (Side side : layout.sides()) {
      sides.put(side, sentences(side));
    }
    Sentences first = Objects.requireNonNull(sides.get(layout.sides().get(0)));
    this.rows = first.count();
    this.dim = first.dim();
    this.numbers = readNumbers();
    require(rows > 0, "at least one row");
    require(
        sides.values().stream().allMatch(side -> side.count() == rows && side.dim() == dim),
        "as many sentences a side, of one width");
    int tensors = 2 * sides.size() + (numbers.length > 0 ? 1 : 0) + 1; // of checksums
    require(file.tensors().size() == tensors, tensors + " tensors");
  }

  /** By the tensors: a store of pairs needs no other mark than its sides. */
  private static Layout layout(SafetensorsFile file) {
    return Arrays.stream(Layout.values())
        .filter(
            layout ->
                layout.sides().stream().allMatch(side -> file.tensors().containsKey(side.tokens())))
        .findFirst()
        .orElse(Layout.PAIRS);
  }

  private double[] readNumbers() throws IOException {
    if (layout.numbers().isEmpty()) {
      return new double[0];
    }
    Numbers kind = layout.numbers().get();
    if (!layout.needsNumbers() && !file.tensors().containsKey(kind.tensor())) {
      return new double[0];
    }
    double[] found = file.doubles(tensor(kind.tensor(), DType.F64, 1));
    require(found.length == rows && kind.areValid(found), kind.expected() + " a row");
    return found;
  }

  /**
   * Opens a store, checking its whole structure and its checksums.
   *
   * @param name what to call the data set
   * @throws IOException where it is cut off, of another version, or not a store at all
   */
  public static TokenStore read(Path path, String name) throws IOException {
    SafetensorsFile file = SafetensorsFile.open(path);
    try {
      return new TokenStore(file, name);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e instanceof IOException io ? io : new IOException(e.getMessage(), e);
    }
  }

  private String tensor(String name, DType dtype, int dimensions) throws IOException {
    TensorInfo tensor = file.tensors().get(name);
    require(
        tensor != null && tensor.dtype() == dtype && tensor.shape().size() == dimensions,
        String.format(Locale.ROOT, "tensor %s of %s with %d dimensions", name, dtype, dimensions));
    return name;
  }

  private Sentences sentences(Side side) throws IOException {
    TensorInfo tokens =
        Objects.requireNonNull(file.tensors().get(tensor(side.tokens(), DType.F32, 2)));
    long[] offsets = file.longs(tensor(side.offsets(), DType.I64, 1));
    long width = tokens.shape().get(1);
    require(width > 0 && width <= FileLimits.MAX_DIM, "a width");
    require(
        offsets.length > 0
            && offsets[0] == 0
            && offsets[offsets.length - 1] == tokens.shape().get(0),
        "offsets over all tokens");
    for (int i = 1; i < offsets.length; i++) {
      long length = offsets[i] - offsets[i - 1];
      require(length > 0 && length <= FileLimits.MAX_TOKENS, "sentences of sane lengths");
    }
    return new Sentences(tokens, offsets);
  }

  private void require(boolean condition, String expected) throws IOException {
    if (!condition) {
      throw new IOException(
          String.format(Locale.ROOT, "%s: expected a token store with %s", file.path(), expected));
    }
  }

  /** The tokens of one side. */
  private record Sentences(TensorInfo tokens, long[] offsets) {
    int dim() {
      return tokens.shape().get(1).intValue();
    }

    int count() {
      return offsets.length - 1;
    }
  }

  /** What a row is. */
  public Layout layout() {
    return layout;
  }

  /** Number of rows. */
  public int rows() {
    return rows;
  }

  /** Width of a token embedding. */
  public int dim() {
    return dim;
  }

  /** Number of tokens, of all sides. */
  public long tokens() {
    return layout.sides().stream().mapToLong(this::tokens).sum();
  }

  /** Number of tokens of one side. */
  public long tokens(Side side) {
    return side(side).tokens().shape().get(0);
  }

  /**
   * The number of each row, a pair's label or a triplet's margin; none where rows have no number.
   * The caller's own copy.
   */
  public double[] numbers() {
    return numbers.clone();
  }

  /** The label of each pair, 0 to 5; the caller's own copy. */
  public double[] labels() {
    if (layout != Layout.PAIRS) {
      throw new IllegalStateException(
          String.format(Locale.ROOT, "%s have no labels", layout.key()));
    }
    return numbers();
  }

  /**
   * The hash of the unpacked text files, those of tokens and then the numbers, one after the other.
   */
  public String sha256() {
    return sha256;
  }

  /** What the data set is called. */
  public String name() {
    return name;
  }

  /** Where it is. */
  public Path path() {
    return file.path();
  }

  /** Number of tokens of a sentence. */
  public int length(Side side, int sentence) {
    long[] offsets = side(side).offsets();
    Objects.checkIndex(sentence, rows);
    return (int) (offsets[sentence + 1] - offsets[sentence]);
  }

  /**
   * Copies a sentence's tokens, {@code length * dim} float32 little-endian, to the buffer's
   * position, and moves that behind them.
   */
  public void copy(Side side, int sentence, ByteBuffer target) {
    Sentences sentences = side(side);
    long rowBytes = (long) dim * Float.BYTES;
    int bytes = Math.toIntExact(length(side, sentence) * rowBytes);
    int limit = target.limit();
    target.limit(target.position() + bytes);
    file.copy(sentences.tokens(), sentences.offsets()[sentence] * rowBytes, target);
    target.limit(limit);
  }

  /** A sentence's tokens, one after the other: {@code length * dim} numbers. */
  public float[] tokens(Side side, int sentence) {
    int count = Math.multiplyExact(length(side, sentence), dim);
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(count, Float.BYTES)).order(ByteOrder.LITTLE_ENDIAN);
    copy(side, sentence, bytes);
    float[] values = new float[count];
    bytes.flip().asFloatBuffer().get(values);
    return values;
  }

  private Sentences side(Side side) {
    Sentences sentences = sides.get(side);
    if (sentences == null) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "%s have no side %s", layout.key(), side));
    }
    return sentences;
  }

  @Override
  public void close() {
    file.close();
  }
}
