package dev.poolmark.evaluator.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.torch.Tensor;
import dev.poolmark.evaluator.torch.TensorType;
import dev.poolmark.evaluator.torch.TorchArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PickledWeightsTest {

  @TempDir Path folder;

  @Test
  void aWeightWhoseBitsFlippedIsRefused() throws IOException {
    Path file = folder.resolve("pytorch_model.bin");
    float[] values = new float[10_000];
    Arrays.fill(values, 1.5f);
    TorchArchive.writeStateDict(
        file, List.of(new Tensor("w", List.of(100, 100), values)), TensorType.FLOAT32);
    try (PickledWeights weights = PickledWeights.open(file)) {
      assertEquals(1.5f, weights.floats("w")[5000]);
    }
    byte[] damaged = Files.readAllBytes(file);
    damaged[damaged.length / 2] ^= 0x40;
    Files.write(file, damaged);
    BadDataException refused =
        assertThrows(BadDataException.class, () -> PickledWeights.open(file).close());
    assertTrue(
        refused.getMessage().endsWith("/data/0 has other bytes than were packed"),
        refused.getMessage());
  }
}
