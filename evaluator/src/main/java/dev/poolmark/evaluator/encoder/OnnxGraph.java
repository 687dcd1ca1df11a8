package dev.poolmark.evaluator.encoder;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import dev.poolmark.evaluator.files.BadDataException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an ONNX file says of its graph, read without its weights: the nodes, the inputs and the
 * names of the outputs. The numbers of the fields are those of {@code onnx.proto}.
 */
record OnnxGraph(List<Node> nodes, List<Input> inputs, Set<String> outputs) {

  private static final int MODEL_GRAPH = 7;
  private static final int GRAPH_NODE = 1;
  private static final int GRAPH_INPUT = 11;
  private static final int GRAPH_OUTPUT = 12;
  private static final int FLOAT = 1;

  /** An operator: its kind, and the names of the tensors that it takes and gives. */
  record Node(String kind, List<String> inputs, List<String> outputs) {}

  /**
   * An input of the graph.
   *
   * @param type a number of {@code TensorProto.DataType}; 0 where it is no tensor
   * @param shape sizes, of which those that are open are 0 or less; where absent, any shape
   */
  record Input(String name, int type, Optional<List<Long>> shape) {

    private boolean takesTextsOfAnyLength() {
      return shape
          .map(sizes -> sizes.size() == 2 && sizes.stream().noneMatch(size -> size > 0))
          .orElse(true);
    }
  }

  /**
   * Reads a file.
   *
   * @throws IOException where it is no protobuf message
   */
  static OnnxGraph read(Path file) throws IOException {
    OnnxGraph graph = new OnnxGraph(new ArrayList<>(), new ArrayList<>(), new HashSet<>());
    try (InputStream bytes = Files.newInputStream(file)) {
      CodedInputStream in = CodedInputStream.newInstance(bytes);
      in.setSizeLimit(Integer.MAX_VALUE);
      message(
          in,
          (field, tag) -> {
            if (field != MODEL_GRAPH) {
              return false;
            }
            nested(in, graph.reader(in));
            return true;
          });
    }
    return graph;
  }

  private Fields reader(CodedInputStream in) {
    return (field, tag) -> {
      switch (field) {
        case GRAPH_NODE -> nodes.add(node(in));
        case GRAPH_INPUT -> inputs.add(value(in));
        case GRAPH_OUTPUT -> outputs.add(value(in).name());
        default -> {
          return false;
        }
      }
      return true;
    };
  }

  private static Node node(CodedInputStream in) throws IOException {
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    String[] kind = {""};
    nested(
        in,
        (field, tag) -> {
          switch (field) {
            case 1 -> inputs.add(in.readString());
            case 2 -> outputs.add(in.readString());
            case 4 -> kind[0] = in.readString();
            default -> {
              return false;
            }
          }
          return true;
        });
    return new Node(kind[0], inputs, outputs);
  }

  /** {@code ValueInfoProto}: name, type: tensor_type: elem_type, shape: dim: dim_value. */
  private static Input value(CodedInputStream in) throws IOException {
    String[] name = {""};
    int[] type = {0};
    boolean[] shaped = {false};
    List<Long> shape = new ArrayList<>();
    Fields dimensions =
        (field, tag) -> {
          long[] size = {0};
          nested(
              in,
              (inner, innerTag) -> {
                if (inner != 1) {
                  return false;
                }
                size[0] = in.readInt64();
                return true;
              });
          shape.add(size[0]);
          return true;
        };
    Fields tensor =
        (field, tag) -> {
          switch (field) {
            case 1 -> type[0] = in.readEnum();
            case 2 -> {
              shaped[0] = true;
              nested(in, dimensions);
            }
            default -> {
              return false;
            }
          }
          return true;
        };
    nested(
        in,
        (field, tag) -> {
          switch (field) {
            case 1 -> name[0] = in.readString();
            case 2 ->
                nested(
                    in,
                    (inner, innerTag) -> {
                      if (inner != 1) {
                        return false;
                      }
                      nested(in, tensor);
                      return true;
                    });
            default -> {
              return false;
            }
          }
          return true;
        });
    return new Input(name[0], type[0], shaped[0] ? Optional.of(shape) : Optional.empty());
  }

  /** Reads the fields of a message that are known, and says which. */
  private interface Fields {
    boolean read(int field, int tag) throws IOException;
  }

  private static void nested(CodedInputStream in, Fields fields) throws IOException {
    int limit = in.pushLimit(in.readRawVarint32());
    message(in, fields);
    in.popLimit(limit);
  }

  private static void message(CodedInputStream in, Fields fields) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (!fields.read(WireFormat.getTagFieldNumber(tag), tag)) {
        in.skipField(tag);
      }
    }
  }

  /**
   * The names of the hidden states: the embeddings, then each layer's.
   *
   * <p>In a transformer of BERT's kind each half of a layer ends in a norm of the sum of what that
   * half computed and the norm before; so every second norm is a hidden state.
   *
   * @throws BadDataException where the graph is not of that kind
   */
  List<String> states(Path file) {
    Map<String, Node> makers = new HashMap<>();
    nodes.forEach(node -> node.outputs().forEach(output -> makers.put(output, node)));
    List<String> norms = new ArrayList<>();
    for (Node node : nodes) {
      List<String> summed = summed(node, makers);
      if (summed.isEmpty()) {
        continue;
      }
      if (!norms.isEmpty() && !summed.contains(norms.get(norms.size() - 1))) {
        throw unknown(file, "a norm of something else behind " + norms.size() + " of them");
      }
      norms.add(node.outputs().get(0));
    }
    if (norms.size() % 2 == 0) {
      throw unknown(file, norms.size() + " norms");
    }
    List<String> states = new ArrayList<>();
    for (int i = 0; i < norms.size(); i += 2) {
      states.add(norms.get(i));
    }
    return states;
  }

  private static BadDataException unknown(Path file, String found) {
    return new BadDataException(
        file,
        "a graph whose hidden states can be found, each half of a layer ending in a norm of a sum"
            + " with the norm before; or --weights safetensors",
        found);
  }

  /** The tensors whose sum the node is the norm of; none where it is no norm. */
  private static List<String> summed(Node node, Map<String, Node> makers) {
    if (node.kind().equals("SkipLayerNormalization")
        || node.kind().equals("EmbedLayerNormalization")) {
      return node.inputs();
    }
    if (node.kind().equals("LayerNormalization")) {
      return sum(node.inputs().get(0), makers);
    }
    return node.kind().equals("Add") ? sumOfSpeltOut(node, makers) : List.of();
  }

  /** (x - mean) / sqrt(…) × weight + bias, as the exporter spells a norm out. */
  private static List<String> sumOfSpeltOut(Node add, Map<String, Node> makers) {
    for (String scaled : add.inputs()) {
      for (String divided : inputsOf(scaled, "Mul", makers)) {
        List<String> parts = inputsOf(divided, "Div", makers);
        if (parts.size() == 2 && !inputsOf(parts.get(1), "Sqrt", makers).isEmpty()) {
          List<String> centred = inputsOf(parts.get(0), "Sub", makers);
          return centred.isEmpty() ? List.of() : sum(centred.get(0), makers);
        }
      }
    }
    return List.of();
  }

  private static List<String> sum(String x, Map<String, Node> makers) {
    List<String> terms = inputsOf(x, "Add", makers);
    return terms.isEmpty() ? List.of(x) : terms;
  }

  private static List<String> inputsOf(String output, String kind, Map<String, Node> makers) {
    Node maker = makers.get(output);
    return maker != null && maker.kind().equals(kind) ? maker.inputs() : List.of();
  }

  /**
   * Copies a model with more outputs. Protobuf joins a message that comes twice, so a second graph
   * behind the first, of outputs alone, adds them.
   */
  void copyWithOutputs(Path file, List<String> more, Path copy) throws IOException {
    ByteArrayOutputStream graph = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(graph);
    for (String name : more) {
      if (!outputs.contains(name)) {
        out.writeByteArray(GRAPH_OUTPUT, floatTensor(name));
      }
    }
    out.flush();
    try (OutputStream target = Files.newOutputStream(copy)) {
      Files.copy(file, target);
      CodedOutputStream model = CodedOutputStream.newInstance(target);
      model.writeByteArray(MODEL_GRAPH, graph.toByteArray());
      model.flush();
    }
  }

  private static byte[] floatTensor(String name) throws IOException {
    ByteArrayOutputStream value = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(value);
    out.writeString(1, name);
    out.writeByteArray(2, new byte[] {1 << 3 | 2, 2, 1 << 3, FLOAT}); // tensor_type: elem_type
    out.flush();
    return value.toByteArray();
  }

  private static final Map<Integer, String> TYPES =
      Map.of(1, "float", 6, "int32", 7, "int64", 9, "bool", 10, "float16", 11, "double");

  /**
   * Checks that the graph takes batches of ids.
   *
   * @param known the inputs that can be given
   * @throws BadDataException naming the input
   */
  void checkInputs(Path file, List<String> known) {
    for (Input input : inputs) {
      if (!known.contains(input.name())) {
        continue; // a weight, or told of when the model is opened
      }
      if (input.type() != 6 && input.type() != 7) {
        throw new BadDataException(
            file,
            String.format(Locale.ROOT, "input %s of int64 or int32", input.name()),
            TYPES.getOrDefault(input.type(), "type " + input.type()));
      }
      if (!input.takesTextsOfAnyLength()) {
        throw new BadDataException(
            file,
            String.format(
                Locale.ROOT,
                "input %s of shape (batch, seq), both open, for texts of any length",
                input.name()),
            input.shape().orElseThrow().stream()
                .map(size -> size > 0 ? size.toString() : "open")
                .toList()
                .toString());
      }
    }
  }
}
