package dev.poolmark.evaluator.submission;

import dev.poolmark.api.TorchPooler;
import dev.poolmark.api.Weight;
import java.util.Locale;
import java.util.stream.Collectors;

/** The source of a submission's Python file. */
final class PythonModule {

  private static final String POOLER =
      """
      class Pooler(torch.nn.Module):
          def __init__(self) -> None:
              super().__init__()
      %s
          def forward(self, x: torch.Tensor) -> torch.Tensor:
              # x: (batch, seq, %d)
      %s
      """;

  private static final String LINES =
      """
      \"""A sentence pooler, exported by Poolmark from %s.

      x, float32 (batch, seq, %d), right-padded with rows of zeros, becomes (batch, %d).
      \"""

      import torch


      %s

      def get_model() -> torch.nn.Module:
          model = Pooler()
          weights = torch.load(__file__.rsplit(".", 1)[0] + ".bin", weights_only=True)
          model.load_state_dict(weights)
          return model.eval()
      """;

  private static final String SCRIPT =
      """
      \"""A TorchScript pooler, exported by Poolmark from %s.

      x, float32 (batch, seq, %d), right-padded with rows of zeros, becomes (batch, output_dim).
      \"""

      import io

      import torch


      class Pooler(torch.nn.Module):
          def __init__(self) -> None:
              super().__init__()
              # the file that torch.jit.save wrote, byte by byte
              self.register_buffer("script", torch.zeros(%d, dtype=torch.uint8))
              self.module = None
              self.register_load_state_dict_post_hook(Pooler.read_script)

          def read_script(self, keys) -> None:
              script = io.BytesIO(bytes(self.script.tolist()))
              # kept out of the submodules, so that the state dict stays as it is
              object.__setattr__(self, "module", torch.jit.load(script).eval())

          def forward(self, x: torch.Tensor) -> torch.Tensor:
              return self.module(x)  # (batch, seq, %d) to (batch, output_dim)


      def get_model() -> torch.nn.Module:
          model = Pooler()
          weights = torch.load(__file__.rsplit(".", 1)[0] + ".bin", weights_only=True)
          model.load_state_dict(weights)
          return model.eval()
      """;

  private PythonModule() {}

  /**
   * @param origin what the pooler was made from, for readers
   */
  static String of(TorchPooler pooler, String origin, int dim) {
    return String.format(
        Locale.ROOT, LINES, quoted(origin), dim, pooler.outputDim(), poolerClass(pooler, dim));
  }

  /** The class {@code Pooler}, which wants {@code torch}. */
  static String poolerClass(TorchPooler pooler, int dim) {
    return String.format(
        Locale.ROOT,
        POOLER,
        pooler.weights().stream().map(PythonModule::parameter).collect(Collectors.joining()),
        dim,
        pooler.forward().stream().map("        "::concat).collect(Collectors.joining("\n")));
  }

  /** The weights need no gradients: nobody pays for a graph, with no_grad or without. */
  private static String parameter(Weight weight) {
    String shape = weight.shape().stream().map(String::valueOf).collect(Collectors.joining(", "));
    return String.format(
        Locale.ROOT,
        "        self.%s = torch.nn.Parameter(torch.zeros(%s), requires_grad=False)%n",
        weight.name(),
        shape.isEmpty() ? "()" : shape);
  }

  static String ofScript(String origin, int dim, int bytes) {
    return String.format(Locale.ROOT, SCRIPT, quoted(origin), dim, bytes, dim);
  }

  /** Safe inside a docstring. */
  static String quoted(String origin) {
    return origin.replaceAll("[^A-Za-z0-9_.,:=+/ -]", "_");
  }
}
