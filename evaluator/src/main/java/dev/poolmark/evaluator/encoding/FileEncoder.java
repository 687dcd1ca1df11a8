package dev.poolmark.evaluator.encoding;

import dev.poolmark.evaluator.dataset.DataFiles;
import dev.poolmark.evaluator.dataset.Layout;
import dev.poolmark.evaluator.dataset.Numbers;
import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStoreWriter;
import dev.poolmark.evaluator.encoder.EncoderSource;
import dev.poolmark.evaluator.encoder.PromptedEncoder;
import dev.poolmark.evaluator.encoder.TokenEmbeddings;
import dev.poolmark.evaluator.encoder.TokenEncoder;
import dev.poolmark.evaluator.files.AtomicFolder;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.files.Sha256;
import dev.poolmark.evaluator.sentences.Row;
import dev.poolmark.evaluator.sentences.RowReader;
import dev.poolmark.evaluator.sentences.SentenceFile;
import dev.poolmark.evaluator.sentences.SentencePair;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.DoubleStream;

/** Encodes files of sentences, of any size, in bounded memory. */
public final class FileEncoder {

  /**
   * Sentences are encoded in windows, each sorted by length within. A window's sentences have about
   * so many characters, those not counted that are cut: some 20 MB of embeddings in English, 100 MB
   * at the very most.
   */
  private static final int WINDOW_CHARACTERS = 1 << 15;

  private final Function<Side, TokenEncoder> encoders;

  /**
   * @param encoders for the sentences of each side; they stay the caller's, to be closed by him
   */
  public FileEncoder(Function<Side, TokenEncoder> encoders) {
    this.encoders = encoders;
  }

  /** With an encoder and its prompts for each side. */
  public static FileEncoder of(EncoderSource source, PromptedEncoder opened) {
    return new FileEncoder(side -> opened.withPrompt(source.prompt(side)));
  }

  /**
   * What was encoded.
   *
   * @param rows pairs or triplets
   * @param documents of the corpus
   */
  public record Encoded(long rows, long documents, long tokens, int dim) {}

  /** Takes the sentences of one side, in the order of the file. */
  @FunctionalInterface
  private interface Sink {
    void accept(Row row, TokenEmbeddings sentence) throws IOException;
  }

  /** Opens the text files by name. */
  @FunctionalInterface
  private interface Texts {
    OutputStream open(String name) throws IOException;
  }

  /**
   * Writes the text files ({@code first.txt second.txt labels.txt pairs.tsv}; {@code anchor.txt
   * positive.txt negative.txt triplets.tsv} and perhaps {@code margins.txt}; {@code corpus.txt
   * corpus.tsv}), and the token stores of the same, to a folder. They appear there when all is
   * done.
   *
   * @throws dev.poolmark.evaluator.files.BadDataException before anything is encoded, if any row is
   *     bad
   */
  public Encoded encode(EncodeRequest request, EncodeProgress progress) throws IOException {
    long rows = request.rows().check();
    long documents = request.corpus().isPresent() ? request.corpus().get().check() : 0;
    checkLeftOver(request);
    try (AtomicFolder out = AtomicFolder.at(request.out())) {
      Meter meter = new Meter(sentences(request.rows(), rows) + documents, progress);
      Texts texts = out::create;
      write(request.rows(), request.sources(), out.path(), texts, meter);
      if (request.corpus().isPresent()) {
        write(request.corpus().get(), false, out.path(), texts, meter);
      }
      out.publish();
      return new Encoded(rows, documents, meter.tokens, dim(request.rows()));
    }
  }

  /** Margins that another encoding left there would be taken for those of these triplets. */
  private static void checkLeftOver(EncodeRequest request) throws IOException {
    Layout layout = request.rows().layout();
    if (layout.needsNumbers()) {
      return;
    }
    Optional<Path> margins =
        layout.numbers().flatMap(kind -> DataFiles.find(request.out(), kind.fileName()));
    try (RowReader<? extends Row> reader = request.rows().open()) {
      Row first = margins.isPresent() ? reader.next() : null;
      if (margins.isPresent() && first != null && first.number().isEmpty()) {
        throw new BadDataException(
            margins.get(), "no margins, as the triplets have none", "margins of other triplets");
      }
    }
  }

  /** Writes the token store alone; its hash is that of the texts which are not written. */
  void encodeStore(SentenceFile file, Path folder, EncodeProgress progress) throws IOException {
    Meter meter = new Meter(sentences(file, file.check()), progress);
    write(file, false, folder, name -> OutputStream.nullOutputStream(), meter);
  }

  private static long sentences(SentenceFile file, long rows) {
    return rows * file.layout().sides().size();
  }

  private int dim(SentenceFile file) {
    return encoders.apply(file.layout().sides().get(0)).dim();
  }

  private void write(SentenceFile file, boolean sources, Path storeFolder, Texts texts, Meter meter)
      throws IOException {
    Layout layout = file.layout();
    MessageDigest hash = Sha256.newDigest();
    DoubleStream.Builder numbers = DoubleStream.builder();
    try (TokenStoreWriter store = TokenStoreWriter.in(storeFolder, layout, dim(file))) {
      for (Side side : layout.sides()) {
        boolean first = side == layout.sides().get(0);
        if (!first) {
          store.nextSide();
        }
        try (TokenTextWriter text = new TokenTextWriter(hashed(texts.open(side.fileName()), hash));
            Writer rows =
                writer(first ? texts.open(layout.texts()) : OutputStream.nullOutputStream())) {
          if (sources && first) {
            rows.write(SentencePair.HEADER + '\n');
          }
          Sink sink =
              (row, sentence) -> {
                text.write(sentence);
                store.append(sentence.values(), sentence.tokens());
                if (first) {
                  row.number().ifPresent(numbers::add);
                  rows.write(text(row, sources) + '\n');
                }
              };
          encodeSide(file, side, sink, meter);
        }
      }
      double[] all = numbers.build().toArray();
      if (all.length > 0) {
        writeNumbers(all, layout.numbers().orElseThrow(), texts, hash);
      }
      String sha256 = HexFormat.of().formatHex(hash.digest());
      store.commit(layout.storeName(), all, file.path().getFileName().toString(), sha256);
    }
  }

  private static String text(Row row, boolean sources) {
    return sources && row instanceof SentencePair pair ? pair.textWithSource() : row.text();
  }

  private static void writeNumbers(double[] all, Numbers kind, Texts texts, MessageDigest hash)
      throws IOException {
    try (Writer out = writer(hashed(texts.open(kind.fileName()), hash))) {
      for (double number : all) {
        out.write(Double.toString(number) + '\n');
      }
    }
  }

  private static OutputStream hashed(OutputStream out, MessageDigest hash) {
    return new DigestOutputStream(out, hash);
  }

  private static Writer writer(OutputStream out) {
    return new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
  }

  private static final class Meter {
    private final long total;
    private final EncodeProgress progress;
    private long sentences;
    private long tokens;

    Meter(long total, EncodeProgress progress) {
      this.total = total;
      this.progress = progress;
      progress.sentences(0, total);
    }

    void add(int finished) {
      sentences += finished;
      progress.sentences(sentences, total);
    }
  }

  private void encodeSide(SentenceFile file, Side side, Sink sink, Meter meter) throws IOException {
    TokenEncoder encoder = encoders.apply(side);
    int column = file.layout().sides().indexOf(side);
    try (RowReader<? extends Row> reader = file.open()) {
      for (List<Row> window = nextWindow(reader, column, encoder.maxTokens());
          !window.isEmpty();
          window = nextWindow(reader, column, encoder.maxTokens())) {
        List<TokenEmbeddings> embeddings =
            encoder.encode(
                window.stream().map(row -> row.sentences().get(column)).toList(), meter::add);
        for (int i = 0; i < window.size(); i++) {
          sink.accept(window.get(i), embeddings.get(i));
          meter.tokens += embeddings.get(i).tokens();
        }
      }
    }
  }

  private static List<Row> nextWindow(RowReader<? extends Row> reader, int column, int maxTokens)
      throws IOException {
    List<Row> window = new ArrayList<>();
    int characters = 0;
    for (Row row; characters < WINDOW_CHARACTERS && (row = reader.next()) != null; ) {
      window.add(row);
      // A token has a character or more, besides the two that mark start and end.
      characters += Math.min(row.sentences().get(column).length() + 2, maxTokens);
    }
    return window;
  }
}
