package dev.poolmark.evaluator.torch;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The source of a TorchScript class, in the form that torch's importer reads. */
final class ScriptSource {

  private static final Pattern LINE_OF_ERROR =
      Pattern.compile("File \"[^\"]*__torch__\\.py\", line (\\d+)");

  private ScriptSource() {}

  /**
   * @param inputs what the lines see, by name and type: {@code x: Tensor}
   */
  static byte[] of(List<String> inputs, List<String> forward, List<Tensor> weights) {
    String names =
        weights.stream().map(w -> "\"" + w.name() + "\", ").collect(Collectors.joining());
    StringBuilder source = new StringBuilder();
    source.append("class Pooler(Module):\n");
    source.append("  __parameters__ = [").append(names).append("]\n");
    source.append("  __buffers__ = []\n");
    weights.forEach(w -> source.append("  ").append(w.name()).append(" : Tensor\n"));
    source.append("  training : bool\n");
    source.append("  def forward(self: __torch__.Pooler");
    inputs.forEach(input -> source.append(", ").append(input));
    source.append(") -> Tensor:\n");
    forward.forEach(line -> source.append("    ").append(line).append('\n'));
    return source.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** The forward line, from 1, that a compile error of libtorch is about. */
  static OptionalInt forwardLine(String compileError, List<Tensor> weights) {
    Matcher matcher = LINE_OF_ERROR.matcher(compileError);
    if (!matcher.find()) {
      return OptionalInt.empty();
    }
    int linesBefore = 5 + weights.size();
    int line = Integer.parseInt(matcher.group(1)) - linesBefore;
    return line < 1 ? OptionalInt.empty() : OptionalInt.of(line);
  }
}
