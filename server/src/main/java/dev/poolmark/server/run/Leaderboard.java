package dev.poolmark.server.run;

import java.util.List;
import java.util.Optional;

/**
 * What poolers are worth on a data set, of runs that can be compared.
 *
 * @param dataset its name
 * @param key what all of the runs have in common; none where there is no run
 * @param runs of each pooler the newest, best total first
 * @param leftOut runs on data of that name that can't be compared with these
 */
public record Leaderboard(
    String dataset, Optional<Key> key, List<Run> runs, List<LeftOut> leftOut) {

  /**
   * What must be the same, or scores say nothing of poolers.
   *
   * @param sha256 of the data: a name may have stood for other data once
   * @param batchSize sentences a batch
   * @param protocol how the time was taken
   * @param machine where
   */
  public record Key(String sha256, int batchSize, String protocol, String machine) {}

  /**
   * Runs that are on another board.
   *
   * @param runs how many
   */
  public record LeftOut(Key key, int runs) {}

  /**
   * Which board is wanted; the one of the newest run where nothing is said.
   *
   * @param datasets what the name may be, the likelier first
   */
  public record Wanted(
      List<String> datasets,
      Optional<String> sha256,
      Optional<Integer> batchSize,
      Optional<String> protocol,
      Optional<String> machine) {

    boolean takes(Key key) {
      return sha256.map(key.sha256()::equals).orElse(true)
          && batchSize.map(size -> size == key.batchSize()).orElse(true)
          && protocol.map(key.protocol()::equals).orElse(true)
          && machine.map(key.machine()::equals).orElse(true);
    }
  }
}
