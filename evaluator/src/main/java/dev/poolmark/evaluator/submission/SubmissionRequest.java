package dev.poolmark.evaluator.submission;

import dev.poolmark.api.BlockPooler;
import dev.poolmark.api.ScriptFilePooler;
import dev.poolmark.evaluator.plugin.BadSpecException;
import dev.poolmark.evaluator.plugin.SpecifiedPooler;
import dev.poolmark.evaluator.torch.TensorType;
import java.nio.file.Path;
import java.util.Locale;

/**
 * What to pack.
 *
 * @param dim width of the token embeddings
 * @param type how weights are stored
 * @param out the zip, {@code NAME.zip}, NAME being that of the Python module in it
 */
public record SubmissionRequest(SpecifiedPooler pooler, int dim, TensorType type, Path out) {

  /**
   * @throws BadSpecException when the pooler can't be packed, or the zip's name is not a module's
   */
  public SubmissionRequest {
    String file = out.getFileName().toString();
    if (!file.matches("[A-Za-z_][A-Za-z0-9_]*\\.zip")) {
      throw new BadSpecException(
          String.format(
              Locale.ROOT, "--out: expected NAME.zip, NAME a Python identifier, found '%s'", file));
    }
    if (pooler.pooler() instanceof BlockPooler) {
      throw new BadSpecException(
          String.format(
              Locale.ROOT,
              "pooler '%s': expected forward lines or a TorchScript file to export, found a DJL block",
              pooler.spec()));
    }
    if (pooler.pooler() instanceof ScriptFilePooler && type != TensorType.FLOAT32) {
      throw new BadSpecException(
          String.format(
              Locale.ROOT,
              "pooler '%s': expected float32 for a TorchScript file, which is packed as it is, found %s",
              pooler.spec(),
              type.key()));
    }
  }

  /** The name of the Python module. */
  String name() {
    String file = out.getFileName().toString();
    return file.substring(0, file.length() - ".zip".length());
  }
}
