package dev.poolmark.evaluator.torch;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** An encoder as TorchScript whose hidden states are sines of the ids: {@link #state}. */
public final class SineEncoder {

  private SineEncoder() {}

  /** Writes it, its hidden states of so many numbers. */
  public static void write(Path file, int dim) throws IOException {
    float[] frequencies = new float[dim];
    for (int d = 0; d < dim; d++) {
      frequencies[d] = frequency(d);
    }
    TorchArchive.writeScript(
        file,
        List.of("input_ids"),
        List.of("return torch.sin(torch.mul(torch.unsqueeze(input_ids, 2), self.w))"),
        List.of(new Tensor("w", List.of(dim), frequencies)));
  }

  private static float frequency(int d) {
    return (d + 1) / 4096f;
  }

  /** A number of the hidden state of an id. */
  public static double state(long id, int d) {
    return Math.sin((float) id * frequency(d));
  }
}
