package dev.poolmark.evaluator.encoder;

import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.files.AtomicFile;
import dev.poolmark.evaluator.files.CacheFolder;
import dev.poolmark.evaluator.files.Note;
import dev.poolmark.evaluator.transformer.Layers;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.zip.CRC32;

/**
 * The two encoders that come with Poolmark: all-MiniLM-L6-v2 and bge-small-en-v1.5, each 384 wide,
 * with one WordPiece vocabulary, so that their token embeddings join to the contest's 768.
 */
public final class BundledEncoders {

  public static final String MINILM = "all-minilm-l6-v2";
  public static final String BGE = "bge-small-en-v1.5";

  /** A sentence is cut to so many tokens. */
  public static final int MAX_TOKENS = 128;

  private static final int DIM = 384;

  /** Of either one, the last layer. */
  private static final List<Layers> USUAL = List.of(Layers.LAST, Layers.LAST);

  private BundledEncoders() {}

  /**
   * Opens both, joined.
   *
   * @param cache a folder for the unpacked models, 224 MB; made where it is missing
   */
  public static JoinedEncoder open(Path cache) throws IOException {
    return open(cache, USUAL);
  }

  private static JoinedEncoder open(Path cache, List<Layers> layers) throws IOException {
    TransformerEncoder first = open(MINILM, cache, layers.get(0));
    try {
      return new JoinedEncoder(first, open(BGE, cache, layers.get(1)));
    } catch (IOException | RuntimeException e) {
      first.close();
      throw e;
    }
  }

  /**
   * Both, joined, for those who may not need to open them; they know no prompts.
   *
   * @param cache a folder for the unpacked models
   */
  public static EncoderSource source(Path cache) {
    return source(cache, USUAL);
  }

  /**
   * The same.
   *
   * @param layers of the first one and of the second one
   */
  public static EncoderSource source(Path cache, List<Layers> layers) {
    return new EncoderSource() {
      @Override
      public int dim() {
        return layers.stream().mapToInt(each -> each.width(DIM)).sum();
      }

      @Override
      public String fingerprint() throws IOException {
        return layers.equals(USUAL)
            ? BundledEncoders.fingerprint()
            : BundledEncoders.fingerprint() + " " + layers;
      }

      @Override
      public String prompt(Side side) {
        return "";
      }

      @Override
      public PromptedEncoder open() throws IOException {
        return new PromptedEncoder(BundledEncoders.open(cache, layers), "");
      }
    };
  }

  /** Opens one of them, by name. */
  public static TransformerEncoder open(String name, Path cache) throws IOException {
    return open(name, cache, Layers.LAST);
  }

  private static TransformerEncoder open(String name, Path cache, Layers layers)
      throws IOException {
    return TransformerEncoder.open(
        new TokenizerSettings(
            Resource.of(tokenizer(name)).unpack(cache),
            MAX_TOKENS,
            0,
            false,
            TokenIds.Truncation.RIGHT),
        () -> OnnxModel.open(Resource.of(model(name)).unpack(cache), OptionalInt.empty(), layers));
  }

  /** Changes with anything that the joined embeddings depend on. */
  public static String fingerprint() throws IOException {
    StringBuilder fingerprint = new StringBuilder();
    for (String name : List.of(MINILM, BGE)) {
      fingerprint.append(Resource.of(tokenizer(name)).key()).append(' ');
      fingerprint.append(Resource.of(model(name)).key()).append(' ');
    }
    return fingerprint.append(MAX_TOKENS).toString();
  }

  private static String tokenizer(String name) {
    return name + "-tokenizer.json";
  }

  private static String model(String name) {
    return name + ".onnx";
  }

  /** A file in a jar, with the checksum and size that the jar's directory gives. */
  private record Resource(URL url, String name, long crc, long size) {

    static Resource of(String name) throws IOException {
      URL url = BundledEncoders.class.getClassLoader().getResource(name);
      if (url == null || !(url.openConnection() instanceof JarURLConnection jar)) {
        throw new FileNotFoundException(
            "expected " + name + " in a jar on the class path, found " + url);
      }
      return new Resource(url, name, jar.getJarEntry().getCrc(), jar.getJarEntry().getSize());
    }

    /** Names the content without reading it. */
    String key() {
      return String.format(Locale.ROOT, "%08x-%d", crc, size);
    }

    /**
     * Copies the resource to a file named by its content, so that the model is read from there and
     * never passes through the heap.
     */
    Path unpack(Path cache) throws IOException {
      Path folder = CacheFolder.placeOfFolder(cache.resolve("encoders"));
      Path file = folder.resolve(key() + "-" + name);
      boolean there = Files.isRegularFile(file);
      if (there && !isSound(file)) {
        Note.tell(file + ": expected the bytes that were unpacked, found others; it is made anew");
        there = false;
      }
      if (!there) {
        copy(file);
      }
      CacheFolder.use(folder);
      return file;
    }

    /** Some tens of milliseconds, as processors are made for this checksum. */
    private boolean isSound(Path file) throws IOException {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        CRC32 found = new CRC32();
        found.update(channel.map(MapMode.READ_ONLY, 0, channel.size()));
        return channel.size() == size && found.getValue() == crc;
      }
    }

    /** Written beside and moved, so that another process sees all of the file or none. */
    private void copy(Path file) throws IOException {
      try (InputStream in = url.openStream()) {
        AtomicFile.write(CacheFolder.placeOfFile(file), in::transferTo);
      }
    }
  }
}
