package dev.poolmark.evaluator.dataset;

import dev.poolmark.evaluator.safetensors.DType;
import dev.poolmark.evaluator.safetensors.SafetensorsWriter;
import dev.poolmark.evaluator.safetensors.Shape;
import dev.poolmark.evaluator.safetensors.TensorData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Writes a token store: all sentences of the first side, then all of the next one, and so on, then
 * {@link #commit}. Closed without that, nothing is left.
 */
public final class TokenStoreWriter implements AutoCloseable {

  private final SafetensorsWriter out;
  private final Layout layout;
  private final int dim;
  private final List<Offsets> sides = new ArrayList<>(List.of(new Offsets()));
  private long floats;

  private TokenStoreWriter(SafetensorsWriter out, Layout layout, int dim) {
    this.out = out;
    this.layout = layout;
    this.dim = dim;
  }

  /** Starts a store in the given folder, which is made if need be. */
  public static TokenStoreWriter in(Path folder, Layout layout, int dim) throws IOException {
    return new TokenStoreWriter(SafetensorsWriter.in(folder), layout, dim);
  }

  /** From here on, sentences are those of the next side. */
  public void nextSide() {
    if (sides.size() == layout.sides().size()) {
      throw new IllegalStateException(
          String.format(Locale.ROOT, "%s have no further side", layout.key()));
    }
    sides.add(new Offsets());
    floats = 0;
  }

  /**
   * Appends a whole sentence.
   *
   * @param values its tokens, one after the other, {@code count * dim} floats
   */
  public void append(float[] values, int count) throws IOException {
    appendTokens(values, count);
    endSentence();
  }

  /** Appends some of a sentence's tokens. */
  public void appendTokens(float[] values, int count) throws IOException {
    out.append(values, 0, count * dim);
    floats += (long) count * dim;
  }

  /** Ends the sentence whose tokens were appended. */
  public void endSentence() {
    current().add(floats / dim);
  }

  /** Number of sentences of the current side so far. */
  public int sentences() {
    return current().count - 1;
  }

  private Offsets current() {
    return sides.get(sides.size() - 1);
  }

  /**
   * Puts the store in its place.
   *
   * @param fileName the file's name within the folder
   * @param numbers the label or margin of each row; none where rows have no number
   * @param name what the data set is called
   * @param sha256 the hash of the text files of tokens and numbers, one after the other
   * @return where it is
   */
  public Path commit(String fileName, double[] numbers, String name, String sha256)
      throws IOException {
    checkCounts(numbers.length);
    Map<String, Shape> shapes = new LinkedHashMap<>();
    for (int i = 0; i < sides.size(); i++) {
      Shape shape = Shape.of(DType.F32, sides.get(i).last(), dim);
      shapes.put(layout.sides().get(i).tokens(), shape);
    }
    for (int i = 0; i < sides.size(); i++) {
      Offsets offsets = sides.get(i);
      append(
          layout.sides().get(i).offsets(), TensorData.of(offsets.values(), offsets.count), shapes);
    }
    if (numbers.length > 0) {
      String tensor = layout.numbers().orElseThrow().tensor();
      append(tensor, TensorData.of(numbers, numbers.length), shapes);
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", TokenStore.FORMAT);
    metadata.put("name", name);
    metadata.put("sha256", sha256);
    return out.commit(fileName, shapes, metadata);
  }

  private void checkCounts(int numbers) {
    int rows = sides.get(0).count - 1;
    boolean complete =
        sides.size() == layout.sides().size()
            && sides.stream().allMatch(side -> side.count - 1 == rows)
            && (numbers == rows || numbers == 0 && !layout.needsNumbers());
    if (!complete) {
      throw new IllegalStateException(
          String.format(
              Locale.ROOT,
              "expected as many sentences of each side of %s as numbers, found %s and %d",
              layout.key(),
              sides.stream().map(side -> side.count - 1).toList(),
              numbers));
    }
  }

  private void append(String name, TensorData tensor, Map<String, Shape> shapes)
      throws IOException {
    out.append(tensor);
    shapes.put(name, new Shape(tensor.dtype(), tensor.shape()));
  }

  @Override
  public void close() throws IOException {
    out.close();
  }

  /** A growing list that starts with 0. */
  private static final class Offsets {
    private long[] values = new long[1024];
    private int count = 1;

    void add(long value) {
      if (count == values.length) {
        values = Arrays.copyOf(values, count * 2);
      }
      values[count++] = value;
    }

    long last() {
      return values[count - 1];
    }

    long[] values() {
      return Arrays.copyOf(values, count);
    }
  }
}
