package dev.poolmark.evaluator.tuning;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poolmark.evaluator.files.AtomicFile;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.files.TextFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** The trials on disk, a line each. */
final class TrialLog {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path file;

  TrialLog(Path file) {
    this.file = file;
  }

  /**
   * The trials of an earlier tuning.
   *
   * @param subject what they must have been tried on
   * @throws BadDataException when one was not, or is no trial
   */
  List<Trial> read(Trial.Subject subject) throws IOException {
    List<Trial> trials = new ArrayList<>();
    for (String line : wholeLines()) {
      Trial trial = trial(line);
      check("on the data", subject.data(), trial.subject().data());
      check("chosen by the dev rows", subject.dev(), trial.subject().dev());
      check("by the formula", subject.formula(), trial.subject().formula());
      trials.add(trial);
    }
    return trials;
  }

  private void check(String what, String expected, String found) {
    if (!expected.equals(found)) {
      throw new BadDataException(
          file, "trials " + what + " " + expected, "some " + what + " " + found);
    }
  }

  /** A line that a killed tuning did not bring to its end is no trial. */
  private List<String> wholeLines() throws IOException {
    String all = new String(TextFile.bytes(file), StandardCharsets.UTF_8);
    String whole = all.substring(0, all.lastIndexOf('\n') + 1);
    if (whole.length() < all.length()) {
      AtomicFile.writeString(file, whole);
    }
    return whole.lines().toList();
  }

  private Trial trial(String line) throws BadDataException {
    try {
      return JSON.readValue(line, Trial.class);
    } catch (JsonProcessingException e) {
      throw new BadDataException(file, "a trial on each line", line);
    }
  }

  void append(Trial trial) {
    try {
      Files.writeString(
          file,
          JSON.writeValueAsString(trial) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      // What a write fails by, as on a full disk, does not name its file.
      throw new UncheckedIOException(
          new FileSystemException(file.toString(), null, e.getMessage()));
    }
  }
}
