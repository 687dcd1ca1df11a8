package dev.poolmark.evaluator.dataset;

import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.files.CacheFolder;
import dev.poolmark.evaluator.files.Note;
import dev.poolmark.evaluator.files.Sha256;
import dev.poolmark.evaluator.files.TemporaryFolder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/** Opens data sets: parses what is new, and finds again what was parsed before. */
public final class TokenStores {

  /** Name of a store that lies beside its text files. */
  public static final String FILE_NAME = "tokens.safetensors";

  /** The largest width of a token embedding. */
  public static final int MAX_DIM = FileLimits.MAX_DIM;

  /**
   * Opens a data set. Files that look untouched since they were parsed are not read; others are
   * hashed where they may be known, and else parsed.
   *
   * @param dim the width that every row must have
   * @param cache the folder of the stores; where absent, the store lives as long as its mapping
   * @param name what to call the data set
   * @throws BadDataException where a file is not as it should be
   */
  public static TokenStore open(DataFiles files, int dim, Optional<Path> cache, String name)
      throws IOException {
    if (dim < 1 || dim > FileLimits.MAX_DIM) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT, "a dimension is from 1 to %d, found %d", FileLimits.MAX_DIM, dim));
    }
    return new TokenStores(files, dim, cache, name).open();
  }

  /**
   * The hash that names a data set, as its store has it. Files that look untouched since it was
   * taken are not read.
   *
   * @param cache a folder that remembers it
   */
  public static String sha256(DataFiles files, Path cache) throws IOException {
    FileStamps stamps = FileStamps.of(files.hashed());
    Optional<FileStamps.Entry> known = stamps.find(cache);
    if (known.isPresent() && known.get().isUntouched(stamps)) {
      return known.get().sha256();
    }
    String sha256 = hash(files);
    remember(stamps, cache, sha256);
    return sha256;
  }

  /** Where a cache folder has the store of a data set, by its hash; it need not be there. */
  public static Path place(Path cache, String sha256) {
    return cache.resolve(fileName(sha256));
  }

  private final DataFiles files;
  private final int dim;
  private final Optional<Path> cache;
  private final String name;

  private TokenStores(DataFiles files, int dim, Optional<Path> cache, String name) {
    this.files = files;
    this.dim = dim;
    this.cache = cache;
    this.name = name;
  }

  private TokenStore open() throws IOException {
    FileStamps stamps = FileStamps.of(files.all());
    Optional<FileStamps.Entry> known = cache.flatMap(stamps::find);
    boolean untouched = known.isPresent() && known.get().isUntouched(stamps);
    if (untouched) {
      Optional<TokenStore> store = find(known.orElseThrow().sha256());
      if (store.isPresent()) {
        return store.get();
      }
    }
    boolean mayBeThere = !untouched && (known.isPresent() || Files.exists(beside()));
    Optional<TokenStore> found = mayBeThere ? find(hash(files)) : Optional.empty();
    if (found.isPresent()) {
      checkTexts(found.get());
    }
    TokenStore store = found.isPresent() ? found.get() : build();
    if (cache.isPresent()) {
      remember(stamps, cache.get(), store.sha256());
    }
    return store;
  }

  private static void remember(FileStamps stamps, Path cache, String sha256) {
    try {
      stamps.record(cache, sha256);
    } catch (IOException e) {
      // A cache that is only for reading serves all the same.
    }
  }

  /** The store of these texts, if there is a sound one. */
  private Optional<TokenStore> find(String sha256) {
    for (Path path : candidates(sha256)) {
      try {
        TokenStore store = TokenStore.read(path, name);
        if (!store.sha256().equals(sha256) || store.layout() != files.layout()) {
          store.close();
        } else if (store.dim() != dim) {
          store.close();
          throw new BadDataException(
              files.tokens().get(0), 1, "the dimension " + dim, String.valueOf(store.dim()));
        } else {
          return Optional.of(store);
        }
      } catch (NoSuchFileException e) {
        // It is built.
      } catch (IOException e) {
        Note.tell(e.getMessage() + "; it is made anew");
      }
    }
    return Optional.empty();
  }

  private List<Path> candidates(String sha256) {
    return cache
        .map(folder -> List.of(folder.resolve(fileName(sha256)), beside()))
        .orElseGet(() -> List.of(beside()));
  }

  private Path beside() {
    return files.tokens().get(0).resolveSibling(files.layout().storeName());
  }

  private static String fileName(String sha256) {
    return sha256 + ".safetensors";
  }

  private static String hash(DataFiles files) throws IOException {
    MessageDigest hash = Sha256.newDigest();
    for (Path file : files.hashed()) {
      try (InputStream in = new ReadAhead(file, hash)) {
        in.transferTo(OutputStream.nullOutputStream());
      }
    }
    return HexFormat.of().formatHex(hash.digest());
  }

  private void checkTexts(TokenStore store) throws IOException {
    checkTexts(store.numbers(), store.rows());
  }

  private void checkTexts(double[] numbers, int rows) throws IOException {
    if (files.texts().isPresent()) {
      Path texts = files.texts().get();
      Numbers.checkTexts(
          texts,
          new ReadAhead(texts, Sha256.newDigest()),
          files.layout(),
          numbers,
          rows,
          files.numbers().orElse(files.tokens().get(0)));
    }
  }

  private TokenStore build() throws IOException {
    if (cache.isPresent() && (Files.isWritable(cache.get()) || Files.notExists(cache.get()))) {
      return TokenStore.read(parse(cache.get()), name);
    }
    cache.ifPresent(
        folder -> Note.tell(folder + " can't be written: what is parsed now is parsed again"));
    try (TemporaryFolder passing = new TemporaryFolder()) {
      return TokenStore.read(parse(passing.path()), name); // its mapping keeps it
    }
  }

  /** Parses the texts into a store. */
  private Path parse(Path folder) throws IOException {
    MessageDigest hash = Sha256.newDigest();
    try (TokenStoreWriter writer = TokenStoreWriter.in(folder, files.layout(), dim)) {
      int rows = parseSides(hash, writer);
      double[] numbers = parseNumbers(hash, rows);
      checkTexts(numbers, rows);
      String sha256 = HexFormat.of().formatHex(hash.digest());
      boolean kept = cache.filter(folder::equals).isPresent();
      String fileName = fileName(kept ? sha256 : UUID.randomUUID().toString());
      if (kept) {
        CacheFolder.placeOfFile(folder.resolve(fileName));
      }
      return writer.commit(fileName, numbers, name, sha256);
    }
  }

  private int parseSides(MessageDigest hash, TokenStoreWriter writer) throws IOException {
    Path first = files.tokens().get(0);
    parse(first, hash, writer);
    int rows = writer.sentences();
    if (rows == 0) {
      throw new BadDataException(first, "at least one row", "none");
    }
    for (Path next : files.tokens().subList(1, files.tokens().size())) {
      writer.nextSide();
      parse(next, hash, writer);
      if (writer.sentences() != rows) {
        throw Numbers.differentLength(next, rows, first, String.valueOf(writer.sentences()));
      }
    }
    return rows;
  }

  private double[] parseNumbers(MessageDigest hash, int rows) throws IOException {
    if (files.numbers().isEmpty()) {
      return new double[0];
    }
    Path file = files.numbers().get();
    Numbers kind = files.layout().numbers().orElseThrow();
    return kind.read(file, new ReadAhead(file, hash), rows, files.tokens().get(0));
  }

  private void parse(Path file, MessageDigest hash, TokenStoreWriter writer) throws IOException {
    float[] token = new float[dim];
    try (TokenReader reader = new TokenReader(file, new ReadAhead(file, hash), dim)) {
      for (int count = reader.nextRow(); count >= 0; count = reader.nextRow()) {
        for (int i = 0; i < count; i++) {
          reader.nextToken(token);
          writer.appendTokens(token, 1);
        }
        reader.endRow();
        writer.endSentence();
      }
    }
  }
}
