package dev.poolmark.evaluator.encoder;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.safetensors.DType;
import dev.poolmark.evaluator.torch.PoolerFault;
import dev.poolmark.evaluator.torch.TorchArchive;
import dev.poolmark.evaluator.torch.TorchEngine;
import dev.poolmark.evaluator.transformer.EncoderText;
import dev.poolmark.evaluator.transformer.EncoderText.Weight;
import dev.poolmark.evaluator.weights.WeightFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * An encoder in lines of torch, with the weights of a published model. Weights of float32 are not
 * copied: libtorch reads them where the file is mapped.
 */
public final class TorchModel implements TokenModel {

  private final Path file;
  private final Model model;
  private final NDManager manager;
  private final IValue weights;
  private final int dim;
  private final long rows;

  private TorchModel(
      Path file, Model model, NDManager manager, IValue weights, int dim, long rows) {
    this.file = file;
    this.model = model;
    this.manager = manager;
    this.weights = weights;
    this.dim = dim;
    this.rows = rows;
  }

  /**
   * Compiles the lines and loads their weights.
   *
   * @param vocabulary the name of the table whose rows are the tokens'
   * @throws BadDataException naming the weight that is missing, or of another shape
   */
  public static TorchModel open(EncoderText text, String vocabulary, WeightFiles files)
      throws IOException {
    WeightNames names = WeightNames.of(text, files);
    UnaryOperator<String> published = names.prefix()::concat;
    long rows = files.stored(published.apply(vocabulary)).shape().get(0);
    TorchEngine.start(1);
    TorchEngine.prepareThread();
    Model model = compile(text.lines());
    NDManager manager = NDManager.newBaseManager("PyTorch");
    try {
      PtNDArray[] weights = new PtNDArray[text.weights().size()];
      for (int i = 0; i < weights.length; i++) {
        weights[i] = (PtNDArray) load(text.weights().get(i), files, published, manager);
      }
      return new TorchModel(
          files.path(), model, manager, IValue.listFrom(weights), text.dim(), rows);
    } catch (IOException | RuntimeException e) {
      manager.close();
      model.close();
      throw e;
    }
  }

  private static Model compile(List<String> lines) throws IOException {
    Path archive = Files.createTempFile("poolmark-", ".pt");
    Model model = Model.newInstance("encoder", "PyTorch");
    try {
      TorchArchive.writeScript(archive, EncoderText.PARAMETERS, lines, List.of());
      model.load(archive.getParent(), archive.getFileName().toString());
      return model;
    } catch (MalformedModelException e) {
      model.close();
      throw new IllegalStateException("an encoder's lines don't compile: " + e.getMessage(), e);
    } catch (IOException | RuntimeException e) {
      model.close();
      throw e;
    } finally {
      Files.deleteIfExists(archive);
    }
  }

  /** The parts of a weight, one below the other. */
  private static NDArray load(
      Weight weight, WeightFiles files, UnaryOperator<String> published, NDManager manager)
      throws IOException {
    Shape shape = new Shape(weight.shape());
    if (weight.names().size() == 1) {
      return part(published.apply(weight.names().get(0)), shape, files, manager);
    }
    try (NDManager parts = manager.newSubManager()) {
      NDList list = new NDList();
      for (String name : weight.names()) {
        list.add(part(published.apply(name), shape, files, parts));
      }
      NDArray all = NDArrays.concat(list, 0);
      all.attach(manager);
      return all;
    }
  }

  /** Two-byte floats are widened; DJL ends the process at those that it doesn't know. */
  private static NDArray part(String name, Shape shape, WeightFiles files, NDManager manager)
      throws IOException {
    if (files.stored(name).type() == DType.F32) {
      ByteBuffer bytes = files.bytes(name).order(ByteOrder.nativeOrder());
      return manager.create(bytes, shape, DataType.FLOAT32);
    }
    try (NDArray widened = manager.create(files.floats(name), shape)) {
      return widened.duplicate(); // into memory of libtorch's own
    }
  }

  @Override
  public List<String> inputs() {
    return INPUTS;
  }

  @Override
  public int dim() {
    return dim;
  }

  @Override
  public long vocabularySize() {
    return rows;
  }

  @Override
  public int lanes() {
    return Runtime.getRuntime().availableProcessors();
  }

  @Override
  public void run(Map<String, long[]> ids, int batch, int seq, Consumer<FloatBuffer> hidden) {
    TorchEngine.prepareThread();
    try (PtNDManager scratch = (PtNDManager) NDManager.newBaseManager("PyTorch");
        IValue inputIds = input(ids, "input_ids", batch, seq, scratch);
        IValue mask = input(ids, "attention_mask", batch, seq, scratch);
        IValue types = input(ids, "token_type_ids", batch, seq, scratch);
        IValue states = forward(inputIds, mask, types)) {
      hidden.accept(
          states.toTensor(scratch).toByteBuffer().order(ByteOrder.nativeOrder()).asFloatBuffer());
    }
  }

  private static IValue input(
      Map<String, long[]> ids, String name, int batch, int seq, NDManager manager) {
    long[] rows = Objects.requireNonNull(ids.get(name), name);
    return IValue.from((PtNDArray) manager.create(rows, new Shape(batch, seq)));
  }

  private IValue forward(IValue ids, IValue mask, IValue types) {
    try {
      return ((PtSymbolBlock) model.getBlock()).forward(ids, mask, types, weights);
    } catch (RuntimeException e) {
      throw new BadDataException(
          file,
          "weights that the encoder runs with",
          String.format(Locale.ROOT, "%s", PoolerFault.reason(e)));
    }
  }

  @Override
  public void close() {
    weights.close();
    manager.close();
    model.close();
  }
}
