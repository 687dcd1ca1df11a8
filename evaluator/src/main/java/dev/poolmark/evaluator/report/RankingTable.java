package dev.poolmark.evaluator.report;

import dev.poolmark.evaluator.evaluation.EvaluationReport.Formula;
import dev.poolmark.evaluator.score.Ranking;
import dev.poolmark.evaluator.score.Ranking.Change;
import dev.poolmark.evaluator.score.Ranking.Decided;
import dev.poolmark.evaluator.score.Ranking.Place;
import dev.poolmark.evaluator.score.Ranking.Total;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Who wins, for people: a line for each pooler in its place, then which one to take, and when
 * another.
 */
public final class RankingTable {

  private static final List<String> HEADER =
      List.of("pooler", "place", "total", "95% interval", "best in", "regret max", "regret mean");

  private RankingTable() {}

  /**
   * @param formula what the totals rest on, in words
   */
  public static String render(Ranking ranking, Formula formula) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEADER);
    ranking.poolers().forEach(place -> rows.add(cells(place)));
    int[] widths = Table.widths(rows);
    StringBuilder text = new StringBuilder();
    rows.forEach(row -> Table.line(text, Table.aligned(row, widths)));
    Table.line(text, "");
    Table.wrapped(text, "", "recommended: " + ranking.recommended() + ", by " + ranking.rule());
    for (Change change : ranking.instead()) {
      Table.wrapped(text, "    ", change.sentence());
    }
    Table.line(text, "");
    Table.wrapped(text, "", scenarios(ranking.scenarios()));
    Table.wrapped(text, "", "quality = " + formula.quality());
    Table.wrapped(text, "", "time = " + formula.time());
    Table.wrapped(
        text,
        "",
        "= beside a place: these can't be told apart, by a paired bootstrap of pairs and passes;"
            + " half is the half of the time formula");
    return text.toString();
  }

  private static List<String> cells(Place place) {
    Total total = place.total();
    if (total == null || place.place() == null) {
      return List.of(place.spec(), "-", "failed", "", "-", "-", "-");
    }
    return List.of(
        place.spec(),
        place.place() + (place.tiedWith().isEmpty() ? " " : "="),
        Table.points(total.score()),
        Table.interval(total.ci95()),
        String.format(Locale.ROOT, "%.1f %%", 100 * Objects.requireNonNull(place.bestIn())),
        Table.points(Objects.requireNonNull(place.regretMax())),
        Table.points(Objects.requireNonNull(place.regretMean())));
  }

  private static String scenarios(List<Decided> scenarios) {
    return String.format(
        Locale.ROOT,
        "%d scenarios: protocols %s; batches of %s; curves %s; metrics %s",
        scenarios.size(),
        distinct(scenarios, Decided::protocol),
        distinct(scenarios, scenario -> String.valueOf(scenario.batchSize())),
        distinct(scenarios, Decided::curve),
        distinct(scenarios, Decided::metric));
  }

  /** All values, or how many where these are too many to read. */
  private static String distinct(List<Decided> scenarios, Function<Decided, String> value) {
    List<String> values = scenarios.stream().map(value).distinct().toList();
    return values.size() > 16
        ? values.size() + " of them"
        : values.stream().collect(Collectors.joining(", "));
  }
}
