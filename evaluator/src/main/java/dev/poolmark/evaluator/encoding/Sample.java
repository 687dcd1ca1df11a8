package dev.poolmark.evaluator.encoding;

import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.dataset.TokenStores;
import dev.poolmark.evaluator.encoder.BundledEncoders;
import dev.poolmark.evaluator.encoder.TokenEncoder;
import dev.poolmark.evaluator.files.AtomicFolder;
import dev.poolmark.evaluator.files.CacheFolder;
import dev.poolmark.evaluator.files.Note;
import dev.poolmark.evaluator.sentences.SentenceFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The sentence pairs that come with Poolmark, for those who have no data of their own yet. */
public final class Sample {

  /** What the data set is called. */
  public static final String NAME = "sample";

  private static final String PAIRS = "sample-pairs.tsv";

  private Sample() {}

  /**
   * Opens the sample. Where the cache doesn't hold it, as encoded by these very encoders, it is
   * encoded first, which takes some seconds. Two processes may do that at once: the first one done
   * wins.
   *
   * @param cache a folder for the unpacked models and the encoded sample
   */
  public static TokenStore open(Path cache, EncodeProgress progress) throws IOException {
    Path folder = cache.resolve(NAME + "-" + key());
    try {
      return read(folder);
    } catch (NoSuchFileException missing) {
      encode(cache, folder, progress);
    } catch (IOException damaged) {
      Note.tell(damaged.getMessage() + "; it is made anew");
      encode(cache, folder, progress);
    }
    return read(folder);
  }

  /** The sample's sentences and labels, in the layout of the contest's File 1, UTF-8. */
  private static InputStream pairs() {
    return Sample.class.getResourceAsStream(PAIRS);
  }

  private static TokenStore read(Path folder) throws IOException {
    return TokenStore.read(folder.resolve(TokenStores.FILE_NAME), NAME);
  }

  private static void encode(Path cache, Path folder, EncodeProgress progress) throws IOException {
    try (TokenEncoder encoder = BundledEncoders.open(cache);
        AtomicFolder out = AtomicFolder.at(CacheFolder.placeOfFolder(folder))) {
      Path pairs = out.path().resolve("pairs.tsv");
      try (InputStream in = pairs();
          OutputStream copy = out.create("pairs.tsv")) {
        in.transferTo(copy);
      }
      new FileEncoder(side -> encoder).encodeStore(SentenceFile.pairs(pairs), out.path(), progress);
      CacheFolder.placeOfFile(folder.resolve(TokenStores.FILE_NAME));
      out.publish();
    } catch (FileSystemException e) {
      if (Files.notExists(folder)) {
        throw e;
      }
      // Another process was faster.
    }
  }

  /** Sixteen digits that change with the sample's text and with the encoders. */
  private static String key() throws IOException {
    try (InputStream in = pairs()) {
      MessageDigest hash = MessageDigest.getInstance("SHA-256");
      hash.update(in.readAllBytes());
      hash.update(BundledEncoders.fingerprint().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
