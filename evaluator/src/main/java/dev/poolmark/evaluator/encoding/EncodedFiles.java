package dev.poolmark.evaluator.encoding;

import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.encoder.EncoderSource;
import dev.poolmark.evaluator.encoder.PromptedEncoder;
import dev.poolmark.evaluator.files.AtomicFolder;
import dev.poolmark.evaluator.files.CacheFolder;
import dev.poolmark.evaluator.files.Note;
import dev.poolmark.evaluator.files.Sha256;
import dev.poolmark.evaluator.files.TemporaryFolder;
import dev.poolmark.evaluator.files.TextFile;
import dev.poolmark.evaluator.sentences.SentenceFile;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** Opens files of sentences as data sets, encoding what is new. */
public final class EncodedFiles {

  private EncodedFiles() {}

  /**
   * Opens the token store of a file. It is found again by the content of the file and of the
   * encoder; two processes may encode the same at once.
   *
   * @param cache the folder of the stores; where absent, the store lives as long as its mapping
   * @throws dev.poolmark.evaluator.files.BadDataException before anything is encoded, if any row is
   *     bad
   */
  public static TokenStore open(
      SentenceFile file, EncoderSource source, Optional<Path> cache, EncodeProgress progress)
      throws IOException {
    file.check();
    return cache.isPresent()
        ? openCached(file, source, cache.get(), progress)
        : openPassing(file, source, progress);
  }

  private static TokenStore openCached(
      SentenceFile file, EncoderSource source, Path cache, EncodeProgress progress)
      throws IOException {
    Path folder = CacheFolder.placeOfFolder(cache.resolve("encoded-" + key(file, source)));
    try {
      return read(folder, file);
    } catch (NoSuchFileException missing) {
      encode(file, source, folder, progress);
    } catch (IOException damaged) {
      Note.tell(damaged.getMessage() + "; it is made anew");
      CacheFolder.placeOfFile(folder.resolve(file.layout().storeName()));
      encode(file, source, folder, progress);
    }
    return read(folder, file);
  }

  /** Changes with anything that the token embeddings depend on. */
  private static String key(SentenceFile file, EncoderSource source) throws IOException {
    StringBuilder key = new StringBuilder(source.fingerprint());
    key.append('\n').append(file.layout()).append(' ').append(file.margins().isPresent());
    for (Side side : file.layout().sides()) {
      key.append('\n').append(source.prompt(side));
    }
    return Sha256.of(key.toString(), file.files());
  }

  private static TokenStore openPassing(
      SentenceFile file, EncoderSource source, EncodeProgress progress) throws IOException {
    try (TemporaryFolder passing = new TemporaryFolder()) {
      encode(file, source, passing.resolve("encoded"), progress);
      return read(passing.resolve("encoded"), file); // its mapping keeps it
    }
  }

  private static TokenStore read(Path folder, SentenceFile file) throws IOException {
    return TokenStore.read(folder.resolve(file.layout().storeName()), TextFile.name(file.path()));
  }

  private static void encode(
      SentenceFile file, EncoderSource source, Path folder, EncodeProgress progress)
      throws IOException {
    try (PromptedEncoder encoder = source.open();
        AtomicFolder out = AtomicFolder.at(folder)) {
      FileEncoder.of(source, encoder).encodeStore(file, out.path(), progress);
      publish(out, folder);
    }
  }

  private static void publish(AtomicFolder out, Path folder) throws IOException {
    try {
      out.publish();
    } catch (FileSystemException e) {
      if (Files.notExists(folder)) {
        throw e;
      }
      // Another process was faster.
    }
  }
}
