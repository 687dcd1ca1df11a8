package dev.poolmark.server.stock;

import dev.poolmark.server.stock.Holding.Kind;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What this node has, looked at every few seconds, and written where the others can read it. */
public final class OwnStock {

  private static final Logger LOG = LoggerFactory.getLogger(OwnStock.class);
  private static final long LOOK_MILLIS = 5000;

  private final Vertx vertx;
  private final Holdings table;
  private final Datasets datasets;
  private final Models models;
  private final List<Path> plugins;
  private final String machine;
  private final ContentHashes hashes = new ContentHashes();
  private final Set<String> copies = ConcurrentHashMap.newKeySet();
  private volatile List<Holding> written = List.of();
  private boolean looking;

  /**
   * @param plugins the folders of plugins
   * @param machine what this node runs on, as reports tell it
   */
  public OwnStock(
      Vertx vertx,
      Holdings table,
      Datasets datasets,
      Models models,
      List<Path> plugins,
      String machine) {
    this.vertx = vertx;
    this.table = table;
    this.datasets = datasets;
    this.models = models;
    this.plugins = List.copyOf(plugins);
    this.machine = machine;
  }

  /**
   * Looks from now on.
   *
   * @param catalog what {@code GET /poolers} tells
   * @param onChange is told where something has come or gone
   */
  public void begin(Supplier<Future<JsonObject>> catalog, Runnable onChange) {
    look(catalog, onChange);
    vertx.setPeriodic(LOOK_MILLIS, timer -> look(catalog, onChange));
  }

  private void look(Supplier<Future<JsonObject>> catalog, Runnable onChange) {
    if (looking) {
      return;
    }
    looking = true;
    catalog
        .get()
        .otherwise(new JsonObject())
        .compose(found -> vertx.executeBlocking(() -> all(found), false))
        .compose(all -> all.equals(written) ? Future.succeededFuture(false) : written(all))
        .onSuccess(
            changed -> {
              if (changed) {
                onChange.run();
              }
            })
        .onFailure(failure -> LOG.debug("what this node has is not written", failure))
        .onComplete(done -> looking = false);
  }

  private Future<Boolean> written(List<Holding> all) {
    return table
        .write(all)
        .map(
            done -> {
              written = all;
              return true;
            });
  }

  private List<Holding> all(JsonObject catalog) {
    List<Holding> all = new ArrayList<>(List.of(Holding.of(Kind.MACHINE, machine, "")));
    for (String name : datasets.names()) {
      datasets.sha256(name).ifPresent(sha256 -> all.add(Holding.of(Kind.DATA, name, sha256)));
    }
    models
        .places()
        .forEach(
            (spec, place) ->
                sha256(place).ifPresent(sha256 -> all.add(Holding.of(Kind.MODEL, spec, sha256))));
    Map<String, Path> jars = jars();
    for (Object each : catalog.getJsonArray("poolers", new JsonArray())) {
      JsonObject pooler = (JsonObject) each;
      String name = pooler.getString("name");
      Optional.ofNullable(jars.get(pooler.getString("plugin")))
          .flatMap(this::sha256)
          .ifPresent(sha256 -> all.add(new Holding(Kind.POOLER, name, sha256, pooler)));
    }
    copies.stream().sorted().forEach(sha256 -> all.add(Holding.of(Kind.COPY, sha256, sha256)));
    return all;
  }

  /** The plugins by what the catalogue calls them; of two of one name the first is loaded. */
  private Map<String, Path> jars() {
    Map<String, Path> jars = new HashMap<>();
    for (Path folder : plugins) {
      try (var entries = Files.list(folder)) {
        entries.forEach(entry -> jars.putIfAbsent(entry.getFileName().toString(), entry));
      } catch (IOException e) {
        LOG.debug("{} can't be looked at", folder, e);
      }
    }
    return jars;
  }

  private Optional<String> sha256(Path place) {
    try {
      return Optional.of(hashes.of(place));
    } catch (IOException e) {
      LOG.debug("{} has no hash", place, e);
      return Optional.empty();
    }
  }

  /** The hash of a model as it is now; it reads the disk. */
  Optional<String> model(String spec) {
    return Optional.ofNullable(models.places().get(spec)).flatMap(this::sha256);
  }

  /** The hash of the plugin that a pooler is of, as of the last look. */
  Optional<String> plugin(String pooler) {
    return find(Kind.POOLER, pooler).map(Holding::sha256);
  }

  private Optional<Holding> find(Kind kind, String name) {
    return written.stream()
        .filter(holding -> holding.kind() == kind && holding.name().equals(name))
        .findFirst();
  }

  /** The names of data sets, and the specs of models, that have a content. */
  List<Holding> having(String sha256) {
    return written.stream()
        .filter(holding -> holding.sha256().equals(sha256) && holding.kind() != Kind.POOLER)
        .toList();
  }

  /** Notes what came from another node: from here on it can be had here, too. */
  void addCopy(String sha256) {
    copies.add(sha256);
  }

  ContentHashes hashes() {
    return hashes;
  }
}
