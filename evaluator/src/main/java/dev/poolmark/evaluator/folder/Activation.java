package dev.poolmark.evaluator.folder;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The activations of a {@code Dense} module that have a line of torch. */
enum Activation {
  IDENTITY("Identity", null),
  TANH("Tanh", "e = torch.tanh(e)"),
  RELU("ReLU", "e = torch.relu(e)"),
  SIGMOID("Sigmoid", "e = torch.sigmoid(e)"),
  SILU("SiLU", "e = torch.mul(e, torch.sigmoid(e))"),
  /** By its definition, x times the normal distribution's function: eager torch has no gelu. */
  GELU(
      "GELU",
      "e = torch.mul(torch.mul(e, 0.5), torch.add(torch.erf(torch.mul(e, 0.7071067811865476)), 1))");

  private final String className;
  private final @Nullable String line;

  Activation(String className, @Nullable String line) {
    this.className = className;
    this.line = line;
  }

  Optional<String> line() {
    return Optional.ofNullable(line);
  }

  /** By torch's class, {@code torch.nn.modules.activation.Tanh}. */
  static Optional<Activation> of(String torchClass) {
    String name = torchClass.substring(torchClass.lastIndexOf('.') + 1);
    return Arrays.stream(values())
        .filter(
            activation -> torchClass.startsWith("torch.nn.") && activation.className.equals(name))
        .findFirst();
  }

  static String names() {
    return Arrays.stream(values())
        .map(activation -> activation.className)
        .collect(Collectors.joining(", ", "torch.nn's ", ""));
  }
}
