package dev.poolmark.evaluator.encoder;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.TensorInfo;
import dev.poolmark.evaluator.files.NativeLibrary;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.HashMap;
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

  private final OrtSession session;
  private final String output;
  private final int dim;

  private OnnxModel(OrtSession session, String output, int dim) {
    this.session = session;
    this.output = output;
    this.dim = dim;
  }

  /**
   * Opens a model with an output {@code last_hidden_state} (batch, seq, dim).
   *
   * @param dim the width that is expected; where absent, the model must tell it
   * @throws IOException naming the file, where it is none
   */
  public static OnnxModel open(Path file, OptionalInt dim) throws IOException {
    OrtSession session = openSession(file);
    try {
      checkInputs(session, file);
      String output = output(session, file);
      return new OnnxModel(session, output, width(session, output, dim, file));
    } catch (IOException e) {
      close(session);
      throw e;
    } catch (OrtException e) {
      close(session);
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static OrtSession openSession(Path file) throws IOException {
    NativeLibrary.load(
        "ONNX Runtime",
        Path.of(System.getProperty("java.io.tmpdir")),
        OrtEnvironment::getEnvironment);
    try (SessionOptions options = new SessionOptions()) {
      options.setIntraOpNumThreads(Runtime.getRuntime().availableProcessors());
      // A thread that spins while it waits takes the core from whoever else has work, scoring say.
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      return OrtEnvironment.getEnvironment().createSession(file.toString(), options);
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
          && tensor.getShape().length == 3) {
        return name;
      }
    }
    throw new IOException(
        String.format(
            Locale.ROOT,
            "%s: expected an output %s (batch, seq, dim), found %s",
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
    return dim;
  }

  @Override
  public void run(Map<String, long[]> ids, int batch, int seq, Consumer<FloatBuffer> hidden) {
    Map<String, OnnxTensor> inputs = new HashMap<>();
    try {
      for (Map.Entry<String, long[]> input : ids.entrySet()) {
        inputs.put(
            input.getKey(),
            OnnxTensor.createTensor(
                OrtEnvironment.getEnvironment(),
                LongBuffer.wrap(input.getValue()),
                new long[] {batch, seq}));
      }
      try (OrtSession.Result result = session.run(inputs, Set.of(output))) {
        hidden.accept(((OnnxTensor) result.get(0)).getFloatBuffer());
      }
    } catch (OrtException e) {
      throw new IllegalStateException("the encoder failed: " + e.getMessage(), e);
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
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
