package dev.poolmark.evaluator.submission;

import dev.poolmark.api.BlockPooler;
import dev.poolmark.api.Pooler;
import dev.poolmark.api.ScriptFilePooler;
import dev.poolmark.api.TorchPooler;
import dev.poolmark.evaluator.files.ZipChecks;
import dev.poolmark.evaluator.torch.PoolerFault;
import dev.poolmark.evaluator.torch.Tensor;
import dev.poolmark.evaluator.torch.TensorType;
import dev.poolmark.evaluator.torch.TorchArchive;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * The two files of a submission, side by side.
 *
 * @param python the module, with {@code get_model()}
 * @param weights what it loads
 */
public record SubmissionFiles(Path python, Path weights) {

  /** What a zip may hold in all, unpacked: far more than the contest takes. */
  private static final long MOST_BYTES = 256L << 20;

  /**
   * Writes a pooler as a submission's files.
   *
   * @param name of the module
   * @param origin what the pooler was made from, for readers
   * @param weights of forward lines; unused for a script file
   * @throws PoolerFault when it can't run in Python
   */
  public static SubmissionFiles write(
      Path folder,
      String name,
      Pooler pooler,
      String origin,
      int dim,
      List<Tensor> weights,
      TensorType type)
      throws IOException {
    Path python = folder.resolve(name + ".py");
    Path state = folder.resolve(name + ".bin");
    if (pooler instanceof TorchPooler lines) {
      Files.writeString(python, PythonModule.of(lines, origin, dim));
      TorchArchive.writeStateDict(state, weights, type);
    } else if (pooler instanceof ScriptFilePooler file) {
      byte[] script = Files.readAllBytes(file.file());
      Files.writeString(python, PythonModule.ofScript(origin, dim, script.length));
      TorchArchive.writeStateDict(state, "script", script);
    } else if (pooler instanceof BlockPooler) {
      throw new PoolerFault(
          "expected forward lines or a TorchScript file to run in Python, found a DJL block");
    }
    return new SubmissionFiles(python, state);
  }

  /**
   * Unpacks a submission.
   *
   * @throws PoolerFault when it is malformed; it says what was expected
   */
  public static SubmissionFiles unpack(Path zip, Path folder) throws IOException {
    try (ZipFile file = new ZipFile(zip.toFile())) {
      long left = MOST_BYTES;
      for (ZipEntry entry : file.stream().toList()) {
        left -= unpack(file, entry, folder, left);
      }
      return named(file, zip, folder);
    } catch (ZipException | EOFException | IllegalArgumentException e) {
      throw new PoolerFault(
          String.format(
              Locale.ROOT, "%s: expected a zip, found: %s", zip.getFileName(), e.getMessage()));
    }
  }

  private static long unpack(ZipFile file, ZipEntry entry, Path folder, long left)
      throws IOException {
    Path target = inside(folder, entry.getName());
    if (entry.isDirectory()) {
      Files.createDirectories(target);
      return 0;
    }
    Files.createDirectories(target.getParent());
    long bytes = 0;
    byte[] part = new byte[1 << 16];
    try (InputStream in = ZipChecks.checked(file.getInputStream(entry), entry);
        OutputStream out = Files.newOutputStream(target)) {
      for (int read = in.read(part); read >= 0; read = in.read(part)) {
        bytes += read;
        if (bytes > left) {
          throw new PoolerFault(
              String.format(
                  Locale.ROOT, "expected at most %d MiB unpacked, found more", MOST_BYTES >> 20));
        }
        out.write(part, 0, read);
      }
    }
    return bytes;
  }

  private static Path inside(Path folder, String name) {
    try {
      Path target = folder.resolve(name).normalize();
      if (target.startsWith(folder) && !target.equals(folder)) {
        return target;
      }
    } catch (InvalidPathException e) {
      // said below
    }
    throw new PoolerFault(
        String.format(Locale.ROOT, "expected names inside the zip, found '%s'", name));
  }

  /** The module that is called as the zip, or the only one. */
  private static SubmissionFiles named(ZipFile file, Path zip, Path folder) {
    List<String> modules =
        file.stream()
            .map(ZipEntry::getName)
            .filter(name -> name.endsWith(".py") && !name.contains("/"))
            .toList();
    String own = zip.getFileName().toString().replaceFirst("\\.zip$", ".py");
    String module = modules.contains(own) || modules.size() != 1 ? own : modules.get(0);
    Path python = folder.resolve(module);
    Path weights = folder.resolve(module.replaceFirst("\\.py$", ".bin"));
    for (Path wanted : List.of(python, weights)) {
      if (!Files.isRegularFile(wanted)) {
        throw new PoolerFault(
            String.format(
                Locale.ROOT,
                "expected NAME.py and NAME.bin in the zip, found no %s",
                wanted.getFileName()));
      }
    }
    return new SubmissionFiles(python, weights);
  }

  /** What the size limit counts, as the zip itself says it; empty where it is malformed. */
  public static Optional<Long> bytesInside(Path zip) {
    try (ZipFile file = new ZipFile(zip.toFile())) {
      return file.stream()
          .filter(entry -> entry.getName().endsWith(".bin"))
          .map(ZipEntry::getSize)
          .reduce(Long::sum);
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** What the size limit of the contest counts. */
  public long bytes() throws IOException {
    return Files.size(weights);
  }
}
