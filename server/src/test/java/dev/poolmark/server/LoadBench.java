package dev.poolmark.server;

import io.vertx.core.Vertx;
import java.util.List;

/**
 * What the server bears, measured on the real distribution over the loopback address. Prints one
 * line a figure and stops by itself; every count is fixed. Not a test: figures are of the machine.
 */
public final class LoadBench {

  private LoadBench() {}

  /**
   * Runs the parts that are named, or all: {@code watchers}, {@code pool}, {@code queue}, {@code
   * texts}, {@code beside}, {@code flood}, {@code cluster}, {@code trouble}, {@code simulation}.
   *
   * @param args names of parts
   */
  public static void main(String[] args) throws Exception {
    List<String> all =
        List.of(
            "watchers",
            "pool",
            "queue",
            "texts",
            "beside",
            "flood",
            "cluster",
            "trouble",
            "simulation");
    List<String> parts = args.length == 0 ? all : List.of(args);
    Vertx vertx = Vertx.vertx();
    try {
      for (String part : parts) {
        switch (part) {
          case "watchers" -> new WatcherLoad(vertx).run();
          case "pool" -> PoolLoad.run();
          case "queue" -> new QueueLoad(vertx).run();
          case "cluster" -> new ClusterLoad(vertx).throughput();
          case "trouble" -> new ClusterLoad(vertx).trouble();
          case "simulation" -> new ClusterSimulation(vertx).run();
          case "texts" -> TextLoad.throughput();
          case "beside" -> TextLoad.beside(vertx);
          case "flood" -> FloodLoad.run();
          default -> throw new IllegalArgumentException("no part '%s'".formatted(part));
        }
      }
    } finally {
      Client.await(vertx.close());
    }
  }

  /** Since a {@code System.nanoTime()}. */
  static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
