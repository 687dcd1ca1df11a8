package dev.poolmark.evaluator.torch;

import dev.poolmark.evaluator.files.NamedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The zip that torch loads: entries stored uncompressed below one root folder.
 *
 * <p>Layout as torch's {@code caffe2/serialize/inline_container.cc} reads it: {@code data.pkl} with
 * the object, {@code data/0…} with the tensors' bytes, {@code version}, and for a script {@code
 * constants.pkl} and {@code code/__torch__.py}.
 */
public final class TorchArchive {

  /**
   * Version of the operators that a script's source means; up to 3, {@code torch.div} of integers
   * would drop the fraction, which it does nowhere else.
   */
  private static final byte[] SCRIPT_VERSION = "10\n".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] VERSION = "3\n".getBytes(StandardCharsets.US_ASCII);

  private TorchArchive() {}

  /**
   * Writes a TorchScript module that {@code torch.jit.load} reads.
   *
   * @param forward the lines of {@code forward(self, x)}
   */
  public static void writeScript(Path file, List<String> forward, List<Tensor> weights)
      throws IOException {
    writeScript(file, List.of("x: Tensor"), forward, weights);
  }

  /**
   * Writes a TorchScript module whose {@code forward} takes the inputs given by name and type:
   * {@code x: Tensor}.
   */
  public static void writeScript(
      Path file, List<String> inputs, List<String> forward, List<Tensor> weights)
      throws IOException {
    try (Entries entries = new Entries(file)) {
      entries.add("data.pkl", module(weights));
      entries.add("code/__torch__.py", ScriptSource.of(inputs, forward, weights));
      entries.add("constants.pkl", new Pickle().emptyTuple().stop());
      entries.add("version", SCRIPT_VERSION);
      entries.addData(weights);
    }
  }

  /**
   * Writes a state dict, which {@code torch.load(file, weights_only=True)} reads and {@code
   * load_state_dict} takes.
   */
  public static void writeStateDict(Path file, List<Tensor> weights, TensorType type)
      throws IOException {
    try (Entries entries = new Entries(file)) {
      entries.add("data.pkl", stateDict(weights, type));
      entries.add("version", VERSION);
      for (int key = 0; key < weights.size(); key++) {
        entries.add("data/" + key, type.bytes(weights.get(key).values()));
      }
    }
  }

  /**
   * Writes a state dict of one tensor of bytes.
   *
   * @param name the tensor's
   */
  public static void writeStateDict(Path file, String name, byte[] bytes) throws IOException {
    Pickle pickle = new Pickle().orderedDict().mark().string(name);
    pickle.tensor(0, List.of(bytes.length), bytes.length, "ByteStorage").setItems();
    try (Entries entries = new Entries(file)) {
      entries.add("data.pkl", pickle.stop());
      entries.add("version", VERSION);
      entries.add("data/0", bytes);
    }
  }

  private static byte[] stateDict(List<Tensor> weights, TensorType type) {
    Pickle pickle = new Pickle().orderedDict().mark();
    for (int key = 0; key < weights.size(); key++) {
      Tensor weight = weights.get(key);
      pickle.string(weight.name());
      pickle.tensor(key, weight.shape(), weight.values().length, type.storage());
    }
    return pickle.setItems().stop();
  }

  private static byte[] module(List<Tensor> weights) {
    Pickle pickle = new Pickle().global("__torch__", "Pooler").emptyTuple().newObject();
    pickle.emptyDict().mark();
    for (int key = 0; key < weights.size(); key++) {
      pickle.string(weights.get(key).name()).tensor(key, weights.get(key));
    }
    return pickle.string("training").bool(false).setItems().build().stop();
  }

  private static final class Entries implements AutoCloseable {

    private final ZipOutputStream zip;

    Entries(Path file) throws IOException {
      OutputStream out = NamedOutputStream.open(file);
      zip = new ZipOutputStream(out);
    }

    void add(String name, byte[] bytes) throws IOException {
      CRC32 crc = new CRC32();
      crc.update(bytes);
      ZipEntry entry = new ZipEntry("pooler/" + name);
      entry.setMethod(ZipEntry.STORED);
      entry.setSize(bytes.length);
      entry.setCrc(crc.getValue());
      entry.setTime(315532800000L); // 1980, the earliest a zip can say: equal input, equal bytes
      zip.putNextEntry(entry);
      zip.write(bytes);
      zip.closeEntry();
    }

    void addData(List<Tensor> tensors) throws IOException {
      for (int key = 0; key < tensors.size(); key++) {
        add("data/" + key, TensorType.FLOAT32.bytes(tensors.get(key).values()));
      }
    }

    @Override
    public void close() throws IOException {
      zip.close();
    }
  }
}
