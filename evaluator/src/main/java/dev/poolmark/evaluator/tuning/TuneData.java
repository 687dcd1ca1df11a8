package dev.poolmark.evaluator.tuning;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poolmark.evaluator.dataset.Layout;
import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.dataset.TokenStoreWriter;
import dev.poolmark.evaluator.files.AtomicFile;
import dev.poolmark.evaluator.training.DataRows;
import dev.poolmark.evaluator.training.GroupedFolds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.DoubleStream;

/** Which rows are trained on, which choose, and which are kept aside. */
final class TuneData {

  /** Where dev rows go that nobody gave. */
  static final String DEV_FILE = "dev.safetensors";

  /** Where all rows go while they are trained on. */
  static final String JOINED_FILE = "joined.safetensors";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final long SEED = 1;

  /** Of few pairs a larger share chooses, or any would look perfect on its two or three. */
  private static final double FEWEST_DEV_ROWS = 50;

  private static final double MOST_DEV_SHARE = 0.4;

  /** With fewer groups of sources than this, folds are by sentences. */
  private static final int FEWEST_SOURCES = 3;

  /** One for each fold. */
  private static final int TOPICS = 4;

  /**
   * The group of each row; rows that share a sentence share all.
   *
   * @param forFolds in one way, or in several of which folds are made in turn
   */
  private record Groups(int[] bySentence, List<int[]> forFolds) {}

  /**
   * How rows can be parted into folds.
   *
   * @param by what no two folds have in common, {@code source} or {@code sentence}; or {@code topic
   *     and sentence}, each for every second fold
   * @param groups how many groups there are: there can't be more folds in one way
   * @param ways in how many ways
   */
  record Parts(String by, int groups, int ways) {}

  /**
   * All rows that there are, also those that choose.
   *
   * @param made the data set that was written for it; absent where the rows are of one already
   */
  record Joined(DataRows rows, Optional<TokenStore> made) implements AutoCloseable {

    @Override
    public void close() {
      made.ifPresent(TokenStore::close);
    }
  }

  private final TokenStore data;
  private final Optional<TokenStore> givenDev;
  private final Path folder;
  private final double devShare;

  /**
   * @param data labelled pairs
   * @param dev others that choose; absent where a part of the data shall
   * @param folder where the parts are kept
   * @param devShare how large that part is
   */
  TuneData(TokenStore data, Optional<TokenStore> dev, Path folder, double devShare) {
    this.data = data;
    this.givenDev = dev;
    this.folder = folder;
    this.devShare = Math.max(devShare, Math.min(MOST_DEV_SHARE, FEWEST_DEV_ROWS / data.rows()));
  }

  TokenStore all() {
    return data;
  }

  /** What makes another set of dev rows another. */
  String devKey() {
    return givenDev
        .map(TokenStore::sha256)
        .orElseGet(() -> String.format(Locale.ROOT, "%.4f of the data", devShare));
  }

  /**
   * Parts the rows, for all tasks to come. Nobody knows whether the contest's pairs are about the
   * same as these: where no source is told, every second fold keeps a topic apart, and the others
   * are like the rest.
   *
   * @param sources of each row, where they are known
   */
  Parts part(Optional<List<String>> sources) throws IOException {
    GroupedFolds bySentence = GroupedFolds.bySentence(data);
    GroupedFolds bySource =
        sources.map(known -> bySentence.andBySource(known, FEWEST_SOURCES)).orElse(bySentence);
    GroupedFolds byTopic = bySentence.andByTopic(data, TOPICS, SEED);
    Parts parts;
    List<int[]> forFolds;
    if (bySource.count() < bySentence.count()) {
      parts = new Parts("source", bySource.count(), 1);
      forFolds = List.of(bySource.groups());
    } else if (byTopic.count() < bySentence.count()) {
      parts = new Parts("topic and sentence", TOPICS, 2);
      forFolds = List.of(byTopic.groups(), bySentence.groups());
    } else {
      parts = new Parts("sentence", bySentence.count(), 1);
      forFolds = List.of(bySentence.groups());
    }
    Files.createDirectories(folder);
    Groups groups = new Groups(bySentence.groups(), forFolds);
    AtomicFile.writeString(groupsFile(), JSON.writeValueAsString(groups));
    if (givenDev.isEmpty()) {
      write(List.of(split(groups).dev()), DEV_FILE, "dev", data.sha256() + "-dev");
    }
    return parts;
  }

  /** The dev rows as a data set of its own, to be closed. */
  TokenStore dev() throws IOException {
    return givenDev.isPresent()
        ? TokenStore.read(givenDev.get().path(), givenDev.get().name())
        : TokenStore.read(folder.resolve(DEV_FILE), "dev");
  }

  /** The rows to train on: those that are no dev rows. */
  DataRows train() throws IOException {
    return givenDev.isPresent() ? DataRows.all(data) : split(read()).train();
  }

  /** The rows to train on and the dev rows in one data set, to be closed. */
  Joined joined() throws IOException {
    if (givenDev.isEmpty()) {
      return new Joined(DataRows.all(data), Optional.empty());
    }
    TokenStore dev = givenDev.get();
    String name = data.name() + " and " + dev.name();
    Path file =
        write(
            List.of(DataRows.all(data), DataRows.all(dev)),
            JOINED_FILE,
            name,
            data.sha256() + "-" + dev.sha256());
    TokenStore made = TokenStore.read(file, name);
    return new Joined(DataRows.all(made), Optional.of(made));
  }

  /**
   * The rows to train on without a fold, and those of the fold, which are kept aside.
   *
   * @param fold of all ways to make folds, these in turn
   * @param folds that are made in each way
   */
  DataRows.Split fold(int fold, int folds) throws IOException {
    Groups groups = read();
    int ways = groups.forFolds().size();
    GroupedFolds way = new GroupedFolds(groups.forFolds().get(fold % ways));
    DataRows aside = way.folds(data, folds, SEED).get(fold / ways).dev();
    if (givenDev.isPresent()) {
      return new DataRows.Split(DataRows.all(data).without(aside), aside);
    }
    DataRows.Split own = split(groups);
    return new DataRows.Split(own.train().without(aside), aside.without(own.dev()));
  }

  /** Some of the rows, drawn by chance. */
  static DataRows share(DataRows rows, double share) {
    return rows.share(share, SEED);
  }

  private DataRows.Split split(Groups groups) {
    return new GroupedFolds(groups.bySentence()).split(DataRows.all(data), devShare, SEED);
  }

  private Groups read() throws IOException {
    return JSON.readValue(Files.readString(groupsFile()), Groups.class);
  }

  private Path groupsFile() {
    return folder.resolve("groups.json");
  }

  private Path write(List<DataRows> parts, String fileName, String name, String sha256)
      throws IOException {
    try (TokenStoreWriter writer = TokenStoreWriter.in(folder, Layout.PAIRS, data.dim())) {
      for (Side side : Layout.PAIRS.sides()) {
        if (side != Side.FIRST) {
          writer.nextSide();
        }
        for (DataRows part : parts) {
          append(part, side, writer);
        }
      }
      double[] labels = parts.stream().flatMapToDouble(TuneData::labels).toArray();
      return writer.commit(fileName, labels, name, sha256);
    }
  }

  private static DoubleStream labels(DataRows rows) {
    double[] all = rows.store().labels();
    return Arrays.stream(rows.rows()).mapToDouble(row -> all[row]);
  }

  private static void append(DataRows rows, Side side, TokenStoreWriter writer) throws IOException {
    TokenStore store = rows.store();
    for (int row : rows.rows()) {
      writer.append(store.tokens(side, row), store.length(side, row));
    }
  }
}
