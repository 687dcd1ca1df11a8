package dev.poolmark.evaluator.weights;

import dev.poolmark.evaluator.safetensors.SafetensorsFile;
import dev.poolmark.evaluator.safetensors.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/** Weights in one file of safetensors, or in several with an index of which name lies where. */
public final class SafetensorsWeights implements WeightFiles {

  private final Path path;
  private final Collection<SafetensorsFile> parts;
  private final Map<String, SafetensorsFile> byName;

  private SafetensorsWeights(
      Path path, Collection<SafetensorsFile> parts, Map<String, SafetensorsFile> byName) {
    this.path = path;
    this.parts = parts;
    this.byName = byName;
  }

  /** Opens {@code model.safetensors}. */
  public static SafetensorsWeights open(Path file) throws IOException {
    SafetensorsFile part = SafetensorsFile.open(file);
    Map<String, SafetensorsFile> byName = new LinkedHashMap<>();
    part.tensors().keySet().forEach(name -> byName.put(name, part));
    return new SafetensorsWeights(file, List.of(part), byName);
  }

  /** Opens what {@code model.safetensors.index.json} names: {@code {"weight_map":{name:file}}}. */
  public static SafetensorsWeights openIndex(Path index) throws IOException {
    Map<String, SafetensorsFile> parts = new TreeMap<>();
    Map<String, SafetensorsFile> byName = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, String> entry : Shards.read(index).entrySet()) {
        String file = entry.getValue();
        if (!parts.containsKey(file)) {
          parts.put(file, SafetensorsFile.open(index.resolveSibling(file)));
        }
        if (!parts.get(file).tensors().containsKey(entry.getKey())) {
          throw Shards.unnamed(parts.get(file).path(), entry.getKey(), index);
        }
        byName.put(entry.getKey(), parts.get(file));
      }
      return new SafetensorsWeights(index, parts.values(), byName);
    } catch (IOException | RuntimeException e) {
      parts.values().forEach(SafetensorsFile::close);
      throw e;
    }
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(byName.keySet());
  }

  @Override
  public Stored stored(String name) {
    SafetensorsFile part = part(name);
    TensorInfo tensor = tensor(part, name);
    return new Stored(part.path(), tensor.dtype(), tensor.shape());
  }

  @Override
  public ByteBuffer bytes(String name) {
    SafetensorsFile part = part(name);
    return part.mapped(tensor(part, name));
  }

  private SafetensorsFile part(String name) {
    return Objects.requireNonNull(byName.get(name), name);
  }

  private static TensorInfo tensor(SafetensorsFile part, String name) {
    return Objects.requireNonNull(part.tensors().get(name), name);
  }

  @Override
  public void close() {
    parts.forEach(SafetensorsFile::close);
  }
}
