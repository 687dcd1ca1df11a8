package dev.poolmark.evaluator.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poolmark.evaluator.plugin.BadSpecException;
import dev.poolmark.evaluator.plugin.BrokenPlugin;
import dev.poolmark.evaluator.plugin.InstalledPooler;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.worker.CommandHost;
import dev.poolmark.evaluator.worker.WorkerRequest.Row;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The poolers of a command, one after the other, each with a row of its own. Where one of them has
 * ended the process, the command runs again in a new one, and the rows that there are stay.
 *
 * @param <R> a row, as JSON can hold it
 */
final class PoolerTurns<R> {

  private static final ObjectMapper JSON = new ObjectMapper();

  private final CommandHost host;
  private final PluginCatalog catalog;
  private final Class<R> type;

  PoolerTurns(CommandHost host, PluginCatalog catalog, Class<R> type) {
    this.host = host;
    this.catalog = catalog;
    this.type = type;
  }

  /**
   * Checks a spec.
   *
   * @throws BadSpecException where there is no such pooler, and no plugin that was left out may
   *     have it
   */
  void check(PoolerSpec spec, int dim) {
    if (missing(spec).isEmpty()) {
      catalog.check(spec, dim);
    }
  }

  /**
   * One pooler's turn.
   *
   * @param work makes its row
   * @param failed whether a row tells of the pooler's own fault
   * @param lost makes the row of a pooler whose process has ended, from the finding
   */
  R row(PoolerSpec spec, Supplier<R> work, Predicate<R> failed, Function<String, R> lost) {
    Optional<Row> known = host.known(spec.text()).filter(row -> row.result() != null);
    if (known.isPresent()) {
      return read(known.get());
    }
    return passingRow(
        spec,
        () -> {
          R row = work.get();
          host.tried(spec.text(), JSON.valueToTree(row), failed.test(row));
          return row;
        },
        lost);
  }

  /** The same for a row that is more than JSON can hold: a new process makes it again. */
  <P> P passingRow(PoolerSpec spec, Supplier<P> work, Function<String, P> lost) {
    Optional<String> finding = missing(spec).or(() -> host.known(spec.text()).map(Row::finding));
    if (finding.isPresent()) {
      return lost.apply(finding.get());
    }
    host.trying(spec.text(), catalog.origin(spec), false);
    return work.get();
  }

  /**
   * Nobody knows what is in a plugin that can't be loaded: a pooler that is nowhere else may be.
   */
  private Optional<String> missing(PoolerSpec spec) {
    if (catalog.broken().isEmpty()
        || !(spec instanceof PoolerSpec.Named named)
        || catalog.poolers().stream().map(InstalledPooler::name).anyMatch(named.name()::equals)) {
      return Optional.empty();
    }
    return Optional.of(
        String.format(
            Locale.ROOT,
            "no plugin that could be loaded has a pooler '%s'; %s",
            named.name(),
            catalog.broken().stream()
                .map(BrokenPlugin::toString)
                .collect(Collectors.joining("; "))));
  }

  private R read(Row row) {
    try {
      return JSON.treeToValue(row.result(), type);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a row is made of plain values", e);
    }
  }
}
