package dev.poolmark.evaluator.training;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.safetensors.SafetensorsFile;
import dev.poolmark.evaluator.safetensors.SafetensorsWriter;
import dev.poolmark.evaluator.safetensors.TensorData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A training's state in the model's folder, whole or not there at all, and only for a training with
 * the same request.
 */
final class Checkpoint {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;
  private final TrainingRequest request;

  Checkpoint(TrainingRequest request) {
    this.file = request.out().resolve("checkpoint.safetensors");
    this.request = request;
  }

  void write(TrainingState state) throws IOException {
    Map<String, TensorData> tensors = new LinkedHashMap<>();
    for (TrainingState.Part part : state.parts()) {
      for (int i = 0; i < part.values().size(); i++) {
        float[] values = part.values().get(i);
        tensors.put(part.name() + "." + state.names.get(i), TensorData.of(values, values.length));
      }
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("request", JSON.writeValueAsString(identity()));
    metadata.put("history", JSON.writeValueAsString(state.history));
    metadata.put("best_epoch", Integer.toString(state.bestEpoch));
    metadata.put("steps", Long.toString(state.steps));
    SafetensorsWriter.writeChecksummed(file, tensors, metadata);
  }

  /**
   * Restores what was written.
   *
   * @throws BadDataException when there is no checkpoint, or it is another training's
   * @throws IOException when its bytes are not those that were written
   */
  void read(TrainingState state) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new BadDataException(file, "an interrupted training's checkpoint", "nothing there");
    }
    try (SafetensorsFile checkpoint = SafetensorsFile.open(file)) {
      checkpoint.verify();
      checkIdentity(String.valueOf(checkpoint.metadata().get("request")));
      for (TrainingState.Part part : state.parts()) {
        for (int i = 0; i < part.values().size(); i++) {
          float[] values = checkpoint.floats(part.name() + "." + state.names.get(i));
          System.arraycopy(values, 0, part.values().get(i), 0, values.length);
        }
      }
      String history = checkpoint.metadata().get("history");
      state.history.addAll(JSON.readValue(history, new TypeReference<List<DevFigures>>() {}));
      state.bestEpoch = Integer.parseInt(checkpoint.metadata().get("best_epoch"));
      state.steps = Long.parseLong(checkpoint.metadata().get("steps"));
    }
  }

  void delete() throws IOException {
    Files.deleteIfExists(file);
  }

  private Map<String, Object> identity() {
    Map<String, Object> identity = new LinkedHashMap<>();
    identity.put("spec", request.pooler().spec());
    identity.put("plugin_version", request.pooler().version());
    identity.put("architecture", request.architecture());
    identity.put("train_sha256", request.train().store().sha256());
    identity.put("train_pairs", request.train().size());
    identity.put("dev_sha256", request.dev().store().sha256());
    identity.put("dev_pairs", request.dev().size());
    identity.put("settings", request.settings());
    return identity;
  }

  private void checkIdentity(String found) throws IOException {
    TypeReference<Map<String, Object>> map = new TypeReference<>() {};
    Map<String, Object> then = JSON.readValue(found, map);
    Map<String, Object> now = JSON.readValue(JSON.writeValueAsString(identity()), map);
    for (String key : now.keySet()) {
      if (!now.get(key).equals(then.get(key))) {
        throw new BadDataException(
            file,
            String.format(Locale.ROOT, "a training with %s %s", key, now.get(key)),
            "" + then.get(key));
      }
    }
  }
}
