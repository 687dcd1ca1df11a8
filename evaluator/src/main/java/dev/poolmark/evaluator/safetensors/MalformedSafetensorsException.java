package dev.poolmark.evaluator.safetensors;

import dev.poolmark.evaluator.files.Printable;
import java.io.IOException;
import java.nio.file.Path;

/** A file that is not a whole, sound safetensors file. */
public final class MalformedSafetensorsException extends IOException {
  MalformedSafetensorsException(Path file, String problem) {
    super(Printable.of(file + ": " + problem));
  }
}
