package dev.poolmark.evaluator.encoder;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.training.ParameterStore;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.files.ZipChecks;
import dev.poolmark.evaluator.torch.PoolerFault;
import dev.poolmark.evaluator.torch.TorchEngine;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** A TorchScript model, run by libtorch on the threads that {@link TorchEngine} has. */
public final class TorchScriptModel implements TokenModel {

  /** The class of the pickled object, its first global: {@code c__torch__.module\nClass\n}. */
  private static final Pattern CLASS = Pattern.compile("c(__torch__[\\w.]*)\n(\\w+)\n");

  private final Path file;
  private final Model model;
  private final ParameterStore parameters;
  private final List<String> inputs;
  private final int dim;

  private TorchScriptModel(Path file, Model model, List<String> inputs, int dim) {
    this.file = file;
    this.model = model;
    this.parameters = new ParameterStore(model.getNDManager(), false);
    this.inputs = inputs;
    this.dim = dim;
  }

  /**
   * Opens what {@code torch.jit.save} wrote. Its {@code forward} takes some of {@link #INPUTS} by
   * their names, and returns the hidden states alone, or first in a tuple or dict.
   *
   * @param dim width of the hidden states
   * @throws IOException naming the file, where it is no such model
   */
  public static TorchScriptModel open(Path file, int dim) throws IOException {
    List<String> inputs = inputs(file);
    TorchEngine.start(1);
    Model model = Model.newInstance("encoder", "PyTorch");
    try {
      ZipChecks.check(file);
      model.load(file.toAbsolutePath().getParent(), file.getFileName().toString());
    } catch (MalformedModelException | IOException | RuntimeException e) {
      model.close();
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s: expected a TorchScript model, found: %s",
              file,
              PoolerFault.reason(e)),
          e);
    }
    return new TorchScriptModel(file, model, inputs, dim);
  }

  /** The parameters of {@code forward}, as the source in the archive names them. */
  private static List<String> inputs(Path file) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      Matcher type = CLASS.matcher(text(zip, "data.pkl", StandardCharsets.ISO_8859_1));
      if (!type.find()) {
        throw new IOException("no class in data.pkl");
      }
      String code =
          text(zip, "code/" + type.group(1).replace('.', '/') + ".py", StandardCharsets.UTF_8);
      Matcher forward =
          Pattern.compile(
                  "(?ms)^class " + type.group(2) + "\\(.*?^  def forward\\(self[^,)]*,?(.*?)\\) ->")
              .matcher(code);
      if (!forward.find()) {
        throw new IOException("no forward in class " + type.group(2));
      }
      List<String> names =
          Arrays.stream(forward.group(1).split(","))
              .map(parameter -> parameter.split(":")[0].strip())
              .toList();
      if (!INPUTS.containsAll(names)) {
        throw new IOException(
            String.format(Locale.ROOT, "a forward(%s)", String.join(", ", names)));
      }
      return names;
    } catch (IOException e) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s: expected a TorchScript model with a forward of %s, found: %s",
              file,
              INPUTS,
              e.getMessage()),
          e);
    }
  }

  /** An entry below the archive's one root folder. */
  private static String text(ZipFile zip, String name, Charset charset) throws IOException {
    ZipEntry entry =
        zip.stream()
            .filter(candidate -> candidate.getName().endsWith("/" + name))
            .findFirst()
            .orElseThrow(() -> new IOException("no " + name));
    return new String(zip.getInputStream(entry).readAllBytes(), charset);
  }

  @Override
  public List<String> inputs() {
    return inputs;
  }

  @Override
  public int dim() {
    return dim;
  }

  @Override
  public void run(Map<String, long[]> ids, int batch, int seq, Consumer<FloatBuffer> hidden) {
    TorchEngine.prepareThread();
    try (NDManager manager = NDManager.newBaseManager("PyTorch")) {
      NDList list = new NDList();
      inputs.forEach(name -> list.add(manager.create(ids.get(name), new Shape(batch, seq))));
      NDArray states = forward(list);
      if (!states.getShape().equals(new Shape(batch, seq, dim))
          || states.getDataType() != DataType.FLOAT32) {
        throw new BadDataException(
            file,
            String.format(
                Locale.ROOT, "float32 of shape (%d, %d, %d) from forward", batch, seq, dim),
            String.format(
                Locale.ROOT,
                "%s of shape %s",
                states.getDataType().name().toLowerCase(Locale.ROOT),
                states.getShape()));
      }
      ByteBuffer bytes = states.toByteBuffer();
      hidden.accept(bytes.order(ByteOrder.nativeOrder()).asFloatBuffer());
    }
  }

  private NDArray forward(NDList ids) {
    try {
      return model.getBlock().forward(parameters, ids, false).get(0);
    } catch (RuntimeException e) {
      throw new BadDataException(file, "a forward that runs", PoolerFault.reason(e));
    }
  }

  @Override
  public void close() {
    model.close();
  }
}
