package dev.poolmark.evaluator.folder;

import java.util.Locale;

/** The forms that a transformer's weights are published in, in the order of choice. */
public enum WeightsKind {
  /** A graph that ONNX Runtime runs. */
  ONNX("onnx/model.onnx"),
  /** A graph that libtorch runs. */
  TORCHSCRIPT("model.pt"),
  /** Weights alone. */
  SAFETENSORS("model.safetensors"),
  /** Weights alone, as a pickle in a zip. */
  BIN("pytorch_model.bin");

  private final String file;

  WeightsKind(String file) {
    this.file = file;
  }

  /** Where it is usually found in a folder. */
  String file() {
    return file;
  }

  /** As {@code --weights} takes it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
