package dev.poolmark.evaluator.weights;

import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.safetensors.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The named tensors of a model, from whatever files they lie in. */
public interface WeightFiles extends AutoCloseable {

  /** The types that a model's numbers may have. */
  Set<DType> FLOATS = Set.of(DType.F32, DType.F16, DType.BF16);

  /**
   * What is known of a tensor without reading it.
   *
   * @param file where it lies
   * @param shape sizes of the dimensions, outermost first
   */
  record Stored(Path file, DType type, List<Long> shape) {
    public Stored {
      shape = List.copyOf(shape);
    }
  }

  /** The files that an index names. */
  static List<Path> parts(Path index) throws IOException {
    return Shards.read(index).values().stream().distinct().map(index::resolveSibling).toList();
  }

  /** The file that was asked for: the weights, or the index of several. */
  Path path();

  /** The names of all tensors. */
  Set<String> names();

  /** A tensor that there is, by name. */
  Stored stored(String name);

  /**
   * A tensor's numbers, little-endian and row-major, outside the heap. Where the file is mapped
   * they are not copied: they are good as long as the file is not written to.
   */
  ByteBuffer bytes(String name) throws IOException;

  /**
   * Checks that there is a tensor of floats of that shape.
   *
   * @throws BadDataException naming the file, and what was expected and found
   */
  default void require(String name, List<Long> shape) {
    if (!names().contains(name)) {
      throw new BadDataException(path(), "a tensor " + name, "no such name");
    }
    Stored stored = stored(name);
    if (!FLOATS.contains(stored.type()) || !stored.shape().equals(shape)) {
      throw new BadDataException(
          stored.file(),
          String.format(Locale.ROOT, "a tensor %s of F32, F16 or BF16 %s", name, shape),
          String.format(Locale.ROOT, "%s %s", stored.type(), stored.shape()));
    }
  }

  /** All numbers of a tensor of floats. */
  default float[] floats(String name) throws IOException {
    DType type = stored(name).type();
    ByteBuffer bytes = bytes(name).order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[bytes.remaining() / type.bytes()];
    if (type == DType.F32) {
      FloatBuffer singles = bytes.asFloatBuffer();
      singles.get(values);
    } else {
      for (int i = 0; i < values.length; i++) {
        values[i] = type.widened(bytes.getShort(2 * i));
      }
    }
    return values;
  }

  @Override
  void close();
}
