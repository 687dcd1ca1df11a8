package dev.poolmark.evaluator.encoder;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.TensorInfo;
import dev.poolmark.evaluator.files.NativeLibrary;
import dev.poolmark.evaluator.transformer.Layers;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;

/** An ONNX model, run by ONNX Runtime on all cores. */
public final class OnnxModel implements TokenModel {

  /** As transformers names it, and as optimum does for a model of sentence-transformers. */
  private static final List<String> OUTPUTS = List.of("last_hidden_state", "token_embeddings");

  /** What ONNX Runtime reads as floats. */
  private static final Set<OnnxJavaType> FLOATS =
      EnumSet.of(OnnxJavaType.FLOAT, OnnxJavaType.FLOAT16, OnnxJavaType.BFLOAT16);

  private final OrtSession session;
  private final List<String> outputs;
  private final Layers layers;
  private final int state;

  /**
   * @param outputs hidden states
   * @param layers how they become one
   * @param state width of one
   */
  private OnnxModel(OrtSession session, List<String> outputs, Layers layers, int state) {
    this.session = session;
    this.outputs = outputs;
    this.layers = layers;
    this.state = state;
  }

  /**
   * Opens a model with an output {@code last_hidden_state} (batch, seq, dim).
   *
   * @param dim the width that is expected; where absent, the model must tell it
   * @param layers other states than the last one are made outputs of the graph
   * @throws IOException naming the file, where it is none
   */
  public static OnnxModel open(Path file, OptionalInt dim, Layers layers) throws IOException {
    if (layers.equals(Layers.LAST)) {
      return open(file, file, dim, layers, List.of());
    }
    OnnxGraph graph = graph(file);
    List<String> states = graph.states(file);
    List<String> wanted = layers.of(states.size() - 1, file).stream().map(states::get).toList();
    Path copy = Files.createTempFile("poolmark-", ".onnx");
    try {
      graph.copyWithOutputs(file, wanted, copy);
      return open(file, copy, dim, layers, wanted);
    } finally {
      Files.deleteIfExists(copy);
    }
  }

  private static OnnxGraph graph(Path file) throws IOException {
    try {
      return OnnxGraph.read(file);
    } catch (IOException e) {
      throw new IOException(file + ": expected an ONNX model, found: " + e.getMessage(), e);
    }
  }

  /**
   * Checks the inputs of a model without loading it. A file that is no model at all is told of only
   * when it is opened.
   *
   * @throws dev.poolmark.evaluator.files.BadDataException naming the input that can't be given
   */
  public static void checkInputs(Path file) {
    try {
      OnnxGraph.read(file).checkInputs(file, INPUTS);
    } catch (IOException e) {
      // ONNX Runtime says it better.
    }
  }

  /**
   * @param file for messages
   * @param model the same, perhaps with more outputs
   */
  private static OnnxModel open(
      Path file, Path model, OptionalInt dim, Layers layers, List<String> states)
      throws IOException {
    checkInputs(file);
    OrtSession session = openSession(file, model);
    try {
      checkInputs(session, file);
      String last = output(session, file);
      int width = width(session, last, dim, file);
      return new OnnxModel(session, states.isEmpty() ? List.of(last) : states, layers, width);
    } catch (IOException e) {
      close(session);
      throw e;
    } catch (OrtException e) {
      close(session);
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static OrtSession openSession(Path file, Path model) throws IOException {
    NativeLibrary.load(
        "ONNX Runtime",
        Path.of(System.getProperty("java.io.tmpdir")),
        OrtEnvironment::getEnvironment);
    try (SessionOptions options = new SessionOptions()) {
      options.setIntraOpNumThreads(Runtime.getRuntime().availableProcessors());
      // A thread that spins while it waits takes the core from whoever else has work, scoring say.
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      return OrtEnvironment.getEnvironment().createSession(model.toString(), options);
    } catch (OrtException e) {
      throw new IOException(file + ": expected an ONNX model, found: " + e.getMessage(), e);
    }
  }

  private static void checkInputs(OrtSession session, Path file) throws IOException {
    if (!INPUTS.containsAll(session.getInputNames())) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s: expected inputs among %s, found %s",
              file,
              INPUTS,
              session.getInputNames()));
    }
  }

  private static String output(OrtSession session, Path file) throws IOException, OrtException {
    for (String name : OUTPUTS) {
      NodeInfo node = session.getOutputInfo().get(name);
      if (node != null
          && node.getInfo() instanceof TensorInfo tensor
          && tensor.getShape().length == 3
          && FLOATS.contains(tensor.type)) {
        return name;
      }
    }
    throw new IOException(
        String.format(
            Locale.ROOT,
            "%s: expected an output %s of floats (batch, seq, dim), found %s",
            file,
            OUTPUTS.get(0),
            session.getOutputInfo()));
  }

  /** Some exports leave it open how wide the output is: a size below 1. */
  private static int width(OrtSession session, String output, OptionalInt expected, Path file)
      throws IOException, OrtException {
    TensorInfo tensor =
        (TensorInfo) Objects.requireNonNull(session.getOutputInfo().get(output)).getInfo();
    int found = (int) tensor.getShape()[2];
    int width = found < 1 ? expected.orElse(0) : found;
    if (width < 1 || width != expected.orElse(width)) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s: expected an output %s of width %s, found %s",
              file,
              output,
              expected.isPresent() ? expected.getAsInt() : "1 or more",
              found < 1 ? "none that is fixed" : found));
    }
    return width;
  }

  @Override
  public List<String> inputs() {
    return List.copyOf(session.getInputNames());
  }

  @Override
  public int dim() {
    return layers.width(state);
  }

  @Override
  public void run(Map<String, long[]> ids, int batch, int seq, Consumer<FloatBuffer> hidden) {
    Map<String, OnnxTensor> inputs = new HashMap<>();
    try {
      for (Map.Entry<String, long[]> input : ids.entrySet()) {
        inputs.put(input.getKey(), tensor(input.getKey(), input.getValue(), batch, seq));
      }
      try (OrtSession.Result result = session.run(inputs, new LinkedHashSet<>(outputs))) {
        hidden.accept(joined(result));
      }
    } catch (OrtException e) {
      throw new IllegalStateException("the encoder failed: " + e.getMessage(), e);
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  private OnnxTensor tensor(String name, long[] ids, int batch, int seq) throws OrtException {
    long[] shape = {batch, seq};
    TensorInfo info =
        (TensorInfo) Objects.requireNonNull(session.getInputInfo().get(name)).getInfo();
    if (info.type == OnnxJavaType.INT32) {
      IntBuffer ints = IntBuffer.wrap(Arrays.stream(ids).mapToInt(Math::toIntExact).toArray());
      return OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), ints, shape);
    }
    return OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), LongBuffer.wrap(ids), shape);
  }

  /** Several states as one. */
  private FloatBuffer joined(OrtSession.Result result) {
    if (outputs.size() == 1) {
      return floats(result, outputs.get(0));
    }
    List<FloatBuffer> states = outputs.stream().map(output -> floats(result, output)).toList();
    int tokens = states.get(0).remaining() / state;
    FloatBuffer joined = FloatBuffer.allocate(tokens * dim());
    for (int token = 0; token < tokens; token++) {
      for (int s = 0; s < states.size(); s++) {
        for (int i = 0; i < state; i++) {
          float value = states.get(s).get(token * state + i);
          if (layers.join() == Layers.Join.CONCAT) {
            joined.put((token * states.size() + s) * state + i, value);
          } else {
            int at = token * state + i;
            joined.put(at, joined.get(at) + value / states.size());
          }
        }
      }
    }
    return joined;
  }

  private static FloatBuffer floats(OrtSession.Result result, String output) {
    return ((OnnxTensor) result.get(output).orElseThrow()).getFloatBuffer();
  }

  @Override
  public void close() {
    close(session);
  }

  private static void close(OrtSession session) {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("the encoder could not be closed: " + e.getMessage(), e);
    }
  }
}
