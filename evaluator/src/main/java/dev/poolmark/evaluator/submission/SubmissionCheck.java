package dev.poolmark.evaluator.submission;

import com.fasterxml.jackson.databind.JsonNode;
import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.files.TemporaryFolder;
import dev.poolmark.evaluator.submission.CheckReport.Check;
import dev.poolmark.evaluator.torch.PoolerFault;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Checks a zip as the contest's intake would, and more: its names and size here, all else in a real
 * Python, in a process that is killed with all that it started when it hangs.
 */
public final class SubmissionCheck {

  /** The names of the checks on a zip's files. */
  public static final String NAMES = "names";

  public static final String SIZE = "size";

  /** Of {@code check.py}, in its order. */
  private static final List<String> IN_PYTHON =
      List.of(
          "imports",
          "get_model",
          "weights_only",
          "inference",
          "shape",
          "float32",
          "repeat",
          "padding",
          "batch",
          "order",
          "threads",
          "memory");

  private static final int SENTENCES = 64;

  private final Python python;
  private final int dim;
  private final Optional<TokenStore> data;
  private final Duration limit;

  /**
   * @param dim width of the token embeddings
   * @param data whose first sentences it is checked on; random tokens where there is none
   * @param limit how long one check may take
   */
  public SubmissionCheck(Python python, int dim, Optional<TokenStore> data, Duration limit) {
    this.python = python;
    this.dim = dim;
    this.data = data;
    this.limit = limit;
  }

  /** Checks a zip. */
  public CheckReport of(Path zip) throws IOException {
    List<Check> checks = new ArrayList<>();
    try (TemporaryFolder work = new TemporaryFolder()) {
      SubmissionFiles files =
          SubmissionFiles.unpack(zip, Files.createDirectory(work.resolve("unpacked")));
      checks.add(names(zip, files));
      checks.add(size(files));
      inPython(files, work, checks);
    } catch (PoolerFault malformed) {
      checks.add(new Check(NAMES, false, String.valueOf(malformed.getMessage())));
    }
    for (String name : IN_PYTHON) {
      if (checks.stream().noneMatch(check -> check.name().equals(name))) {
        checks.add(new Check(name, false, "not reached"));
      }
    }
    return new CheckReport(zip.getFileName().toString(), checks);
  }

  private static Check names(Path zip, SubmissionFiles files) throws IOException {
    List<String> expected =
        List.of(files.python().getFileName().toString(), files.weights().getFileName().toString());
    try (ZipFile file = new ZipFile(zip.toFile())) {
      List<String> others =
          file.stream().map(ZipEntry::getName).filter(name -> !expected.contains(name)).toList();
      String both = String.join(", ", expected);
      return others.isEmpty()
          ? new Check(NAMES, true, both)
          : new Check(
              NAMES,
              false,
              String.format(
                  Locale.ROOT, "expected %s only, found also %s", both, String.join(", ", others)));
    }
  }

  private static Check size(SubmissionFiles files) throws IOException {
    long bytes = files.bytes();
    Optional<String> finding = Contest.sizeFinding(bytes);
    return new Check(
        SIZE,
        finding.isEmpty(),
        finding.orElse(String.format(Locale.ROOT, "%.1f KiB of at most 20 MiB", bytes / 1024.0)));
  }

  /** Only the two files are there: nothing else may be needed. */
  private void inPython(SubmissionFiles unpacked, TemporaryFolder work, List<Check> checks)
      throws IOException {
    Path folder = Files.createDirectory(work.resolve("submission"));
    Path module = Files.copy(unpacked.python(), folder.resolve(unpacked.python().getFileName()));
    Path weights = Files.copy(unpacked.weights(), folder.resolve(unpacked.weights().getFileName()));
    List<String> arguments =
        new ArrayList<>(
            List.of(
                script(work).toString(),
                module.toString(),
                weights.toString(),
                Integer.toString(dim)));
    if (data.isPresent()) {
      arguments.add(sentences(data.get(), work).toString());
    }
    int before = checks.size();
    try (PythonChild child = PythonChild.start(python, work.path(), arguments)) {
      child.answer(() -> {}); // torch is loaded
      for (JsonNode done = answer(child); done.has("check"); done = answer(child)) {
        checks.add(
            new Check(
                done.get("check").asText(),
                done.get("holds").asBoolean(),
                oneLine(done.get("found").asText())));
      }
    } catch (PoolerFault fault) {
      int reached = Math.min(checks.size() - before, IN_PYTHON.size() - 1);
      checks.add(
          new Check(IN_PYTHON.get(reached), false, oneLine(String.valueOf(fault.getMessage()))));
    }
  }

  private JsonNode answer(PythonChild child) {
    long end = System.nanoTime() + limit.toNanos();
    return child.answer(
        () -> {
          if (System.nanoTime() > end) {
            throw new PoolerFault(
                String.format(
                    Locale.ROOT, "expected an answer within %d s, found none", limit.toSeconds()));
          }
        });
  }

  private static Path script(TemporaryFolder work) throws IOException {
    Path script = work.resolve("check.py");
    try (InputStream source = SubmissionCheck.class.getResourceAsStream("check.py")) {
      Files.copy(source, script);
    }
    return script;
  }

  /** Of each sentence the length, then the tokens, little-endian. */
  private static Path sentences(TokenStore data, TemporaryFolder work) throws IOException {
    Path file = work.resolve("sentences");
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int row = 0; row < Math.min(SENTENCES, data.rows()); row++) {
        int length = data.length(Side.FIRST, row);
        ByteBuffer tokens =
            ByteBuffer.allocateDirect(length * data.dim() * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        data.copy(Side.FIRST, row, tokens);
        byte[] bytes = new byte[tokens.capacity()];
        tokens.clear().get(bytes);
        out.write(
            ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(length)
                .array());
        out.write(bytes);
      }
    }
    return file;
  }

  private static String oneLine(String text) {
    return text.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
