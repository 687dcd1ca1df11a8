package dev.poolmark.server.stock;

import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.dataset.Layout;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.dataset.TokenStores;
import dev.poolmark.evaluator.files.AtomicFile;
import dev.poolmark.evaluator.files.AtomicFolder;
import dev.poolmark.evaluator.files.CacheFolder;
import dev.poolmark.evaluator.plugin.BadSpecException;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.worker.WorkerRequest;
import dev.poolmark.server.stock.Holding.Kind;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What runs need, found here or on another node. */
public final class Stock {

  private static final Logger LOG = LoggerFactory.getLogger(Stock.class);

  /** A file that arrives damaged is asked for again, for the fault may have been on the way. */
  private static final int TRIES = 2;

  private final Vertx vertx;
  private final OwnStock own;
  private final Holdings holdings;
  private final Datasets datasets;
  private final Models models;
  private final Path cache;
  private final long cacheBytes;
  private final Optional<String> token;
  private final boolean shares;
  private final Map<String, Object> underWay = new ConcurrentHashMap<>();

  /**
   * @param cache a folder of what other nodes have sent, and of token stores
   * @param cacheBytes how much is kept there
   * @param token that all nodes have
   * @param shares whether there may be other nodes
   */
  public Stock(
      Vertx vertx,
      OwnStock own,
      Holdings holdings,
      Datasets datasets,
      Models models,
      Path cache,
      long cacheBytes,
      Optional<String> token,
      boolean shares) {
    this.vertx = vertx;
    this.own = own;
    this.holdings = holdings;
    this.datasets = datasets;
    this.models = models;
    this.cache = cache;
    this.cacheBytes = cacheBytes;
    this.token = token;
    this.shares = shares;
  }

  /** The names of the data sets of all nodes, without the sample. */
  public Future<List<String>> datasetNames() {
    return names(Kind.DATA, datasets::names);
  }

  /** The specs of the models of all nodes. */
  public Future<List<String>> modelSpecs() {
    return names(Kind.MODEL, models::list);
  }

  private Future<List<String>> names(Kind kind, Callable<List<String>> here) {
    return vertx
        .executeBlocking(here, false)
        .compose(
            own ->
                holdings.elsewhere(kind).map(there -> Stream.of(own, there).flatMap(List::stream)))
        .map(all -> all.distinct().sorted().toList());
  }

  /** What the name of a data set stands for. */
  public record Named(Optional<String> sha256) {}

  /** Finds a data set by its name, here or elsewhere; none where no node has it. */
  public Future<Optional<Named>> dataset(String name) {
    return vertx
        .executeBlocking(
            () ->
                datasets.locate(name).isPresent()
                    ? Optional.of(new Named(datasets.sha256(name)))
                    : Optional.<Named>empty(),
            false)
        .compose(here -> here.isPresent() ? Future.succeededFuture(here) : far(Kind.DATA, name));
  }

  /** Finds a model by its spec, here or elsewhere; none where no node has it. */
  public Future<Optional<Named>> model(String spec) {
    return vertx
        .executeBlocking(
            () ->
                models.locate(spec).isPresent()
                    ? Optional.of(new Named(own.model(spec)))
                    : Optional.<Named>empty(),
            false)
        .compose(here -> here.isPresent() ? Future.succeededFuture(here) : far(Kind.MODEL, spec));
  }

  private Future<Optional<Named>> far(Kind kind, String name) {
    return elsewhere(kind, name)
        .map(found -> found.map(holding -> new Named(Optional.of(holding.sha256()))));
  }

  private Future<Optional<Holding>> elsewhere(Kind kind, String name) {
    return shares && name.indexOf('\0') < 0 // which no database takes
        ? holdings.elsewhere(kind, name)
        : Future.succeededFuture(Optional.empty());
  }

  /** The hash of the plugin that has a pooler, here or elsewhere; none where it is not known. */
  public Future<Optional<String>> plugin(String spec) {
    String name;
    try {
      name = PoolerSpec.named(spec).name();
    } catch (BadSpecException e) {
      return Future.succeededFuture(Optional.empty());
    }
    Optional<String> here = own.plugin(name);
    return here.isPresent()
        ? Future.succeededFuture(here)
        : elsewhere(Kind.POOLER, name).map(found -> found.map(Holding::sha256));
  }

  /** A pooler that only other nodes have, as {@code GET /poolers} lists it. */
  public Future<Optional<JsonObject>> poolerElsewhere(String name) {
    return elsewhere(Kind.POOLER, name)
        .map(found -> found.flatMap(holding -> Optional.ofNullable(holding.about())));
  }

  /**
   * The data that a run was asked for on, taken from another node where it is not here. It reads
   * the disk, and waits.
   *
   * @throws IOException where it can't be had
   */
  public WorkerRequest.Data data(String name, Needs needs, BooleanSupplier cancelled)
      throws IOException {
    String sha256 = needs.dataSha256();
    Optional<String> here = datasets.locate(name);
    if (here.isPresent()
        && (sha256 == null || !shares || datasets.sha256(name).equals(Optional.of(sha256)))) {
      return new WorkerRequest.Data(here.get(), name, sha256);
    } else if (sha256 == null) {
      throw new IOException(String.format(Locale.ROOT, "'%s' is gone", name));
    }
    Path store = TokenStores.place(cache, sha256);
    synchronized (lock(sha256)) {
      if (!Files.isRegularFile(store)) {
        fetch("data set '" + name + "'", sha256, cancelled, this::putStore);
      }
      CacheFolder.use(store);
    }
    return new WorkerRequest.Data(store.toString(), name, sha256);
  }

  /**
   * The files and folders that a run's spec may name, the one that it was asked for with among
   * them. It reads the disk, and waits.
   *
   * @throws IOException where it can't be had
   */
  public Map<String, Path> models(String spec, Needs needs, BooleanSupplier cancelled)
      throws IOException {
    Map<String, Path> places = new HashMap<>(models.places());
    if (!Models.namesFile(spec)) {
      return places;
    }
    String sha256 = needs.poolerSha256();
    if (sha256 == null) {
      if (!places.containsKey(spec)) {
        throw new IOException(String.format(Locale.ROOT, "'%s' is gone", spec));
      }
      return places;
    }
    if (!own.model(spec).equals(Optional.of(sha256))) {
      places.put(spec, copied(spec, sha256, cancelled));
    }
    return places;
  }

  private Path copied(String spec, String sha256, BooleanSupplier cancelled) throws IOException {
    Path copy = copy(cache, sha256);
    synchronized (lock(sha256)) {
      if (!Files.isDirectory(copy)) {
        fetch("model '" + spec + "'", sha256, cancelled, this::putModel);
      }
      CacheFolder.use(copy);
    }
    try (var entries = Files.list(copy)) {
      return entries.findFirst().orElseThrow();
    }
  }

  /** Where a model of another node is kept, in a folder of its own. */
  static Path copy(Path cache, String sha256) {
    return cache.resolve("model-" + sha256);
  }

  private Object lock(String sha256) {
    return underWay.computeIfAbsent(sha256, content -> new Object());
  }

  /** How what arrives is checked and put in its place. */
  private interface Put {
    void put(Courier courier, URI node, Parcel parcel, String sha256) throws IOException;
  }

  private void fetch(String what, String sha256, BooleanSupplier cancelled, Put put)
      throws IOException {
    Courier courier = new Courier(token, cancelled);
    String failure = "no other node has it";
    for (URI node : shares ? addresses(sha256) : List.<URI>of()) {
      for (int tries = 0; tries < TRIES; tries++) {
        try {
          Optional<Parcel> parcel = courier.parcel(node, sha256);
          if (parcel.isPresent()) {
            LOG.info("taking {}, {} bytes, from {}", what, parcel.get().bytes(), node);
            put.put(courier, node, parcel.get(), sha256);
            own.addCopy(sha256);
            new CacheFolder(cache).keepWithin(cacheBytes);
            return;
          }
          tries = TRIES;
        } catch (IOException e) {
          failure = String.valueOf(e.getMessage());
          LOG.warn("{} does not come from {}: {}", what, node, failure);
        }
      }
    }
    throw new IOException(
        String.format(
            Locale.ROOT,
            "expected %s as it was when the run was submitted, sha256 %s, found none: %s",
            what,
            sha256,
            failure));
  }

  private List<URI> addresses(String sha256) throws IOException {
    try {
      return holdings.addresses(sha256).toCompletionStage().toCompletableFuture().get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getMessage()), e);
    }
  }

  private void putStore(Courier courier, URI node, Parcel parcel, String sha256)
      throws IOException {
    checkRoom(parcel);
    try (AtomicFile file = AtomicFile.in(cache)) {
      courier.take(node, parcel.items().get(0), file.channel());
      try (TokenStore store = TokenStore.read(file.temporary(), parcel.name())) {
        if (!store.sha256().equals(sha256)
            || store.layout() != Layout.PAIRS
            || store.dim() != Contest.DIM) {
          throw new IOException(
              String.format(
                  Locale.ROOT,
                  "expected pairs of %d numbers a token, sha256 %s, found %s of %d, sha256 %s",
                  Contest.DIM,
                  sha256,
                  store.layout().key(),
                  store.dim(),
                  store.sha256()));
        }
      }
      Path place = CacheFolder.placeOfFile(TokenStores.place(cache, sha256));
      file.commit(place.getFileName().toString());
    }
  }

  private void putModel(Courier courier, URI node, Parcel parcel, String sha256)
      throws IOException {
    checkRoom(parcel);
    try (AtomicFolder folder = AtomicFolder.at(CacheFolder.placeOfFolder(copy(cache, sha256)))) {
      Path model = folder.path().resolve(parcel.name());
      Map<String, String> sha256s = new HashMap<>();
      for (Parcel.Item item : parcel.items()) {
        Path file = parcel.folder() ? model.resolve(item.path()) : model;
        Files.createDirectories(file.getParent());
        try (FileChannel into =
            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
          courier.take(node, item, into);
          into.force(true);
        }
        sha256s.put(item.path(), item.sha256());
      }
      String found =
          parcel.folder()
              ? ContentHashes.ofHashes(sha256s)
              : sha256s.values().stream().findFirst().orElseThrow();
      if (!found.equals(sha256)) {
        throw new IOException(
            String.format(Locale.ROOT, "expected a model of sha256 %s, found %s", sha256, found));
      }
      folder.publish();
    }
  }

  /** Another node is not to fill this one's disk. */
  private void checkRoom(Parcel parcel) throws IOException {
    if (parcel.bytes() > cacheBytes) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "expected at most the %d bytes that the cache keeps, found %d",
              cacheBytes,
              parcel.bytes()));
    }
  }
}
