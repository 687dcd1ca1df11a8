package dev.poolmark.evaluator.plugin;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.poolmark.api.Init;
import dev.poolmark.api.TorchPooler;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.torch.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainedModelTest {

  @TempDir private Path folder;

  @Test
  void aFolderIsAPoolerWithoutThePluginThatMadeIt() throws IOException {
    model(1, 2, 3, 4, 5, 6).write(folder);
    PluginCatalog noPlugins = PluginCatalog.of(List.of());
    SpecifiedPooler pooler = noPlugins.create(PoolerSpec.parse(folder.toString()), 2);
    assertEquals("test", pooler.name());
    assertEquals(folder.toString(), pooler.spec());
    assertEquals("test.jar", pooler.plugin());
    TorchPooler lines = (TorchPooler) pooler.pooler();
    assertEquals(List.of("return torch.matmul(torch.sum(x, [1]), self.p)"), lines.forward());
    assertEquals(3, lines.outputDim());
    assertEquals(List.of(2, 3), lines.weights().get(0).shape());
    Init.Values values = (Init.Values) lines.weights().get(0).init();
    assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, values.values());
  }

  @Test
  void anotherWidthIsRefused() throws IOException {
    model(1, 2, 3, 4, 5, 6).write(folder);
    PluginCatalog noPlugins = PluginCatalog.of(List.of());
    BadSpecException refusal =
        assertThrows(
            BadSpecException.class,
            () -> noPlugins.check(PoolerSpec.parse(folder.toString()), 768));
    assertTrue(
        refusal
            .getMessage()
            .endsWith("expected token embeddings 2 wide, as it was trained on, found 768"));
  }

  @Test
  void weightsOfAnotherTrainingAreNoticed() throws IOException {
    Path other = folder.resolve("other");
    model(1, 2, 3, 4, 5, 6).write(folder);
    model(6, 5, 4, 3, 2, 1).write(other);
    Files.copy(
        other.resolve("model.safetensors"),
        folder.resolve("model.safetensors"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    BadDataException finding =
        assertThrows(BadDataException.class, () -> TrainedModel.read(folder));
    assertTrue(finding.getMessage().contains("expected the sha256 that pooler.json names"));
  }

  @Test
  void aDescriptionThatIsNoneIsBadData() throws IOException {
    model(1, 2, 3, 4, 5, 6).write(folder);
    Path json = folder.resolve("pooler.json");
    String good = Files.readString(json);
    Files.writeString(json, "{");
    assertThrows(BadDataException.class, () -> TrainedModel.read(folder));
    Files.writeString(json, good.replace("poolmark-model-2", "poolmark-model-9"));
    assertThrows(BadDataException.class, () -> TrainedModel.read(folder));
    Files.writeString(json, good.replace("[ 2, 3 ]", "[ 3, 3 ]"));
    assertThrows(BadDataException.class, () -> TrainedModel.read(folder));
    Files.writeString(json, good.replace("\"p\"", "\"q\""));
    assertThrows(BadDataException.class, () -> TrainedModel.read(folder));
    Files.delete(json);
    assertThrows(BadDataException.class, () -> TrainedModel.read(folder));
  }

  @Test
  void everyBitThatFlipsIsNoticed() throws IOException {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    model(1, 2, 3, 4, 5, 6).write(folder);
    for (String name : List.of("pooler.json", "model.safetensors")) {
      byte[] whole = Files.readAllBytes(folder.resolve(name));
      for (int i = 0; i < 200; i++) {
        int bit = random.nextInt(8 * whole.length);
        byte[] flipped = whole.clone();
        flipped[bit / 8] ^= (byte) (1 << bit % 8);
        Files.write(folder.resolve(name), flipped);
        assertThrows(
            BadDataException.class,
            () -> TrainedModel.read(folder),
            name + ", seed " + seed + ", bit " + bit);
      }
      Files.write(folder.resolve(name), whole);
    }
    assertEquals("test:a=b", TrainedModel.read(folder).spec());
  }

  @Test
  void aFolderOfTheFormatBeforeIsRead() throws IOException {
    model(1, 2, 3, 4, 5, 6).write(folder);
    Path json = folder.resolve("pooler.json");
    String former =
        Files.readString(json)
            .replace("poolmark-model-2", "poolmark-model-1")
            .replaceAll(",\\s*\"sha256\" : \"[0-9a-f]*\"", "");
    Files.writeString(json, former);
    assertEquals(2, TrainedModel.read(folder).dim());
  }

  private static TrainedModel model(float... weights) {
    return new TrainedModel(
        "test",
        "test:a=b",
        "test.jar",
        "1",
        2,
        3,
        new TrainedModel.Lines(List.of("return torch.matmul(torch.sum(x, [1]), self.p)")),
        List.of(new Tensor("p", List.of(2, 3), weights)),
        JsonNodeFactory.instance.objectNode());
  }
}
