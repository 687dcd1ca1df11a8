package dev.poolmark.evaluator.tuning;

import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.files.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** Where a tuning keeps its models, and leaves the best of them. */
final class TuneFolder {

  private final Path out;

  private TuneFolder(Path out) {
    this.out = out;
  }

  /**
   * Makes it where it is missing.
   *
   * @throws BadDataException when it holds another's trials, or none where there should be some
   */
  static TuneFolder of(TuneRequest request) throws IOException {
    TuneFolder folder = new TuneFolder(request.out());
    boolean there = Files.exists(folder.trials());
    if (there && !request.resume()) {
      throw new BadDataException(
          request.out(), "a new folder, or --resume", "the trials of an earlier tuning");
    } else if (request.resume() && !there) {
      throw new BadDataException(
          folder.trials(), "an earlier tuning's trials to go on with", "none");
    }
    Files.createDirectories(request.out());
    return folder;
  }

  Path trials() {
    return out.resolve("trials.jsonl");
  }

  Path report() {
    return out.resolve("report.json");
  }

  Path best() {
    return out.resolve("best");
  }

  Path zip() {
    return out.resolve("best.zip");
  }

  /** What one task leaves for later ones. */
  Path work() {
    return out.resolve("work").toAbsolutePath();
  }

  Path model(Trial trial) {
    return model(trial.candidate(), trial.rung());
  }

  Path model(int candidate, int rung) {
    return work().resolve("candidate-" + candidate + "-" + rung);
  }

  /** What a member of the crew trains for a fold. */
  Path foldModel(int member) {
    return work().resolve("fold-" + member);
  }

  /** The best, trained once more. */
  Path refitted() {
    return work().resolve("refitted");
  }

  boolean hasModel(Trial trial) {
    return Files.isDirectory(model(trial));
  }

  /** Copies a model to {@link #best}. */
  void placeBest(Path model) throws IOException {
    Files.createDirectories(best());
    for (String name : List.of("model.safetensors", "pooler.json")) {
      Files.copy(model.resolve(name), best().resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Deletes a model, or a file; it may be gone already. */
  static void delete(Path path) {
    try {
      Trees.delete(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
