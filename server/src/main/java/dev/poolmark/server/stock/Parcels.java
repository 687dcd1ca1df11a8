package dev.poolmark.server.stock;

import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.dataset.PairFiles;
import dev.poolmark.evaluator.dataset.TokenStores;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.server.stock.Holding.Kind;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What this node sends to others that lack it. Its methods read the disk. */
public final class Parcels {

  private static final Logger LOG = LoggerFactory.getLogger(Parcels.class);

  /** Where parcels are asked for by their hash, relative to a node's address. */
  public static final String PATH = "nodes/parcels/";

  /** Where their files are, in the same way. */
  public static final String FILES_PATH = "nodes/files/";

  private final OwnStock own;
  private final Datasets datasets;
  private final Models models;
  private final Path cache;

  /** Files that a parcel has told of, by the hashes of their bytes. */
  private final Map<String, Path> files = new ConcurrentHashMap<>();

  private final Set<String> preparing = ConcurrentHashMap.newKeySet();

  /**
   * @param cache a folder of token stores
   */
  public Parcels(OwnStock own, Datasets datasets, Models models, Path cache) {
    this.own = own;
    this.datasets = datasets;
    this.models = models;
    this.cache = cache;
  }

  /** Whether a text is a hash that may be asked for. */
  public static boolean isSha256(String text) {
    return Parcel.isSha256(text);
  }

  /** What comes of asking for a parcel. */
  public sealed interface Answer {}

  /** It is told of, as another node reads it. */
  public record Ready(JsonObject parcel) implements Answer {}

  /** Text files are parsed first. */
  public record Preparing() implements Answer {}

  /** There is nothing of that content. */
  public record Missing() implements Answer {}

  /** Data or a model by its content. */
  public Answer find(String sha256) throws IOException {
    Path store = TokenStores.place(cache, sha256);
    if (Files.isRegularFile(store)) {
      return new Ready(parcel(store).toJson());
    }
    Path copy = Stock.copy(cache, sha256);
    if (Files.isDirectory(copy)) {
      try (var entries = Files.list(copy)) {
        return new Ready(parcel(entries.findFirst().orElseThrow()).toJson());
      }
    }
    for (Holding holding : own.having(sha256)) {
      if (holding.kind() == Kind.MODEL && own.model(holding.name()).equals(Optional.of(sha256))) {
        return new Ready(parcel(Path.of(models.locate(holding.name()).orElseThrow())).toJson());
      } else if (holding.kind() == Kind.DATA
          && datasets.sha256(holding.name()).equals(Optional.of(sha256))) {
        return prepared(holding.name(), sha256);
      }
    }
    return new Missing();
  }

  /** Parses a data set unless somebody else already has it done. */
  private Answer prepared(String name, String sha256) {
    if (preparing.add(sha256)) {
      Thread parsing = new Thread(() -> parse(name, sha256), "parse-" + name);
      parsing.setDaemon(true);
      parsing.start();
    }
    return new Preparing();
  }

  private void parse(String name, String sha256) {
    try {
      Path folder = Path.of(datasets.locate(name).orElseThrow());
      TokenStores.open(PairFiles.in(folder), Contest.DIM, Optional.of(cache), name).close();
    } catch (IOException | BadDataException e) {
      LOG.warn("data set '{}' can't be sent: {}", name, e.getMessage());
    } finally {
      preparing.remove(sha256);
    }
  }

  private Parcel parcel(Path place) throws IOException {
    List<Parcel.Item> items = new ArrayList<>();
    boolean folder = Files.isDirectory(place);
    Map<String, Path> all =
        folder ? ContentHashes.files(place) : Map.of(place.getFileName().toString(), place);
    for (Map.Entry<String, Path> file : all.entrySet()) {
      String sha256 = own.hashes().ofFile(file.getValue());
      files.put(sha256, file.getValue());
      items.add(new Parcel.Item(file.getKey(), Files.size(file.getValue()), sha256));
    }
    return new Parcel(place.getFileName().toString(), folder, items);
  }

  /** A file that a parcel told of, as long as it is as it was then. */
  public Optional<Path> file(String sha256) throws IOException {
    Path file = files.get(sha256);
    return file != null && Files.isRegularFile(file) && own.hashes().ofFile(file).equals(sha256)
        ? Optional.of(file)
        : Optional.empty();
  }
}
