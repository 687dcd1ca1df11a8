package dev.poolmark.evaluator.weights;

import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.safetensors.DType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import net.razorvine.pickle.IObjectConstructor;
import net.razorvine.pickle.Opcodes;
import net.razorvine.pickle.PickleException;
import net.razorvine.pickle.PickleUtils;
import net.razorvine.pickle.Unpickler;

/**
 * Reads the pickle of a state dict: a dict of tensors, and nothing else. A pickle is a program that
 * may call whatever Python can; here it may rebuild tensors and make dicts. Anything else that it
 * names is refused before it is made, by torch's own list for {@code weights_only=True}, cut down
 * to what a state dict needs.
 */
final class TensorPickle extends Unpickler {

  private static final Map<String, DType> STORAGES =
      Map.of(
          "FloatStorage", DType.F32,
          "HalfStorage", DType.F16,
          "BFloat16Storage", DType.BF16,
          "DoubleStorage", DType.F64,
          "LongStorage", DType.I64,
          "IntStorage", DType.I32,
          "ShortStorage", DType.I16,
          "CharStorage", DType.I8,
          "ByteStorage", DType.U8,
          "BoolStorage", DType.BOOL);

  private static final Map<String, IObjectConstructor> ALLOWED =
      Map.of(
          "collections.OrderedDict",
          arguments -> new LinkedHashMap<>(),
          "torch._utils._rebuild_tensor",
          TensorPickle::tensor,
          "torch._utils._rebuild_tensor_v2",
          TensorPickle::tensor,
          "torch._utils._rebuild_parameter",
          arguments -> arguments[0]);

  /** The numbers of one or more tensors: an entry {@code data/<key>} of the archive. */
  private record Storage(DType type, String key, long size) {}

  /**
   * A tensor over a storage.
   *
   * @param key of the storage
   * @param offset of the first number, counted in numbers
   * @param strides how far apart neighbours of each dimension are
   */
  record Tensor(DType type, String key, long offset, List<Long> shape, List<Long> strides) {

    /** Whether the numbers stand one after the other, row-major. */
    boolean contiguous() {
      long next = 1;
      for (int d = shape.size() - 1; d >= 0; d--) {
        if (shape.get(d) != 1 && strides.get(d) != next) {
          return false;
        }
        next *= shape.get(d);
      }
      return true;
    }

    long elements() {
      return shape.stream().reduce(1L, Math::multiplyExact);
    }

    /** One more than the number of the storage that is furthest behind. */
    long reach() {
      long last = offset;
      for (int d = 0; d < shape.size(); d++) {
        last = Math.addExact(last, Math.multiplyExact(shape.get(d) - 1, strides.get(d)));
      }
      return elements() == 0 ? 0 : last + 1;
    }
  }

  private final Path file;

  private TensorPickle(Path file) {
    this.file = file;
  }

  /**
   * Reads the tensors by name.
   *
   * @param file the archive, for messages
   * @throws BadDataException where there is more in it, or less
   */
  static Map<String, Tensor> read(Path file, byte[] pickle) {
    try {
      Object root = new TensorPickle(file).load(new ByteArrayInputStream(pickle));
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (Map.Entry<?, ?> entry : ((Map<?, ?>) root).entrySet()) {
        if (entry.getValue() instanceof Tensor tensor) {
          tensors.put((String) entry.getKey(), tensor);
        }
      }
      return tensors;
    } catch (PickleException
        | IOException
        | ClassCastException
        | IndexOutOfBoundsException
        | ArithmeticException
        | NegativeArraySizeException
        | IllegalArgumentException
        | NullPointerException e) {
      throw new BadDataException(file, "a pickle of named tensors", "something else: " + e);
    }
  }

  @Override
  protected Object dispatch(short opcode) throws IOException {
    switch (opcode) {
      case Opcodes.GLOBAL -> {
        String module = PickleUtils.readline(input);
        name(module, PickleUtils.readline(input));
      }
      case Opcodes.STACK_GLOBAL -> {
        String name = (String) stack.pop();
        name((String) stack.pop(), name);
      }
      case Opcodes.BUILD -> stack.pop(); // a state dict's metadata
      case Opcodes.INST, Opcodes.OBJ, Opcodes.NEWOBJ, Opcodes.NEWOBJ_EX ->
          throw refused("makes objects");
      case Opcodes.EXT1, Opcodes.EXT2, Opcodes.EXT4 -> throw refused("names extensions");
      default -> {
        return super.dispatch(opcode);
      }
    }
    return NO_RETURN_VALUE;
  }

  private void name(String module, String name) {
    String full = module + "." + name;
    if (ALLOWED.containsKey(full)) {
      stack.add(ALLOWED.get(full));
    } else if (module.equals("torch") && STORAGES.containsKey(name)) {
      stack.add(STORAGES.get(name));
    } else {
      throw refused("names " + full);
    }
  }

  private BadDataException refused(String what) {
    return new BadDataException(file, "a pickle of tensors and nothing else", "one that " + what);
  }

  /** {@code ("storage", type, key, device, size)}. */
  @Override
  protected Object persistentLoad(Object id) {
    Object[] parts = (Object[]) id;
    return new Storage((DType) parts[1], (String) parts[2], number(parts[4]));
  }

  /** {@code (storage, offset, shape, strides, …)}. */
  private static Object tensor(Object[] arguments) {
    Storage storage = (Storage) arguments[0];
    Tensor tensor =
        new Tensor(
            storage.type(),
            storage.key(),
            number(arguments[1]),
            numbers(arguments[2]),
            numbers(arguments[3]));
    List<Long> all = new ArrayList<>(tensor.shape());
    all.addAll(tensor.strides());
    all.add(tensor.offset());
    if (tensor.shape().size() != tensor.strides().size()
        || all.stream().anyMatch(number -> number < 0)
        || tensor.reach() > storage.size()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "a tensor of shape %s beyond its storage of %d",
              tensor.shape(),
              storage.size()));
    }
    return tensor;
  }

  private static List<Long> numbers(Object tuple) {
    return Arrays.stream((Object[]) tuple).map(TensorPickle::number).toList();
  }

  private static long number(Object number) {
    return ((Number) number).longValue();
  }
}
