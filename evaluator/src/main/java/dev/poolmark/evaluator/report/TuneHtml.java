package dev.poolmark.evaluator.report;

import dev.poolmark.evaluator.score.Ranking;
import dev.poolmark.evaluator.tuning.InspectionReport;
import dev.poolmark.evaluator.tuning.Trial;
import dev.poolmark.evaluator.tuning.TuneReport;
import dev.poolmark.evaluator.tuning.TuneReport.Finalist;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A tuning as one HTML file that needs no network. */
public final class TuneHtml {

  private static final String STYLE =
      """
      body{font:15px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;
      color:#1c2733;background:#fff}
      h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}
      table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
      th,td{text-align:left;padding:.25rem .6rem;border-bottom:1px solid #d7dee5;vertical-align:top}
      code{font-size:.9em;overflow-wrap:anywhere}svg{max-width:100%;height:auto}
      svg text{font:12px system-ui,sans-serif;fill:#44525f}.grid{display:flex;flex-wrap:wrap;gap:1rem}
      """;

  private TuneHtml() {}

  /**
   * Renders a report.
   *
   * @param trials all there were
   */
  public static String render(TuneReport report, List<Trial> trials) {
    StringBuilder html = new StringBuilder();
    html.append("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">")
        .append("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">")
        .append("<title>Poolmark: tuning</title><style>")
        .append(STYLE)
        .append("</style></head><body><h1>Tuning of ")
        .append(escaped(report.inspection().name()))
        .append("</h1>");
    summary(html, report);
    inspection(html, report.inspection());
    List<Trial> done = trials.stream().filter(trial -> trial.total() != null).toList();
    html.append("<h2>The best so far</h2>").append(history(report));
    html.append("<h2>Quality and time</h2>").append(pareto(report, done));
    finalists(html, report);
    ranking(html, report);
    importance(html, report);
    html.append("<h2>Quality against each option</h2><div class=\"grid\">");
    options(done).forEach(option -> html.append(againstOption(option, done)));
    html.append("</div>");
    trials(html, trials);
    return html.append("</body></html>\n").toString();
  }

  private static void summary(StringBuilder html, TuneReport report) {
    Finalist best = report.best();
    paragraph(
        html,
        "<b><code>%s</code></b> has %.2f points on the dev rows, <code>mean</code> has %.2f%s.",
        escaped(best.spec()),
        best.total(),
        report.mean().total(),
        escaped(TuneTable.gain(best)));
    paragraph(
        html,
        "%,d pairs to train on, %,d dev rows, trials %s, %.0f s of a budget of %.0f s.",
        report.trainRows(),
        report.devRows(),
        escaped(report.trials().toString().replaceAll("[{}]", "")),
        report.seconds(),
        report.budgetSeconds());
    report.findings().forEach(finding -> paragraph(html, "%s", escaped(finding)));
  }

  private static void inspection(StringBuilder html, InspectionReport report) {
    html.append("<h2>The tokens</h2>");
    paragraph(html, "%s", escaped(report.advice()));
    Map<String, Double> bars = new TreeMap<>();
    put(bars, "as they are", report.meanSpearman().raw());
    put(bars, "standardised", report.meanSpearman().standardised());
    put(bars, "whitened", report.meanSpearman().whitened());
    report
        .meanSpearman()
        .withoutFirst()
        .forEach((count, value) -> put(bars, "without the first " + count, value));
    html.append(bars(bars, "Spearman of the means, treated without labels"));
    Map<String, Double> labels = new TreeMap<>();
    for (int i = 0; i < report.labels().length; i++) {
      labels.put("labels " + i + " to " + (i + 1), (double) report.labels()[i]);
    }
    html.append(bars(labels, "Pairs by label"));
    paragraph(
        html,
        "%d to %d tokens per sentence, median %d; mean cosine of random sentences %.3f; the five"
            + " largest dimensions hold %.1f %% of the variance.",
        report.lengths().min(),
        report.lengths().max(),
        report.lengths().median(),
        report.meanCosine(),
        100 * report.top5VarianceShare());
  }

  private static void put(Map<String, Double> bars, String name, @Nullable Double value) {
    if (value != null) {
      bars.put(name, value);
    }
  }

  private static String history(TuneReport report) {
    SvgPlot plot = new SvgPlot("seconds", "points");
    report
        .history()
        .forEach(
            rise ->
                plot.add(
                    rise.seconds(), rise.total(), "trial " + rise.trial() + ": " + rise.spec()));
    return plot.steps(report.seconds());
  }

  private static String pareto(TuneReport report, List<Trial> done) {
    SvgPlot plot = new SvgPlot("points for time", "points for quality");
    for (Trial trial : done) {
      plot.add(
          Objects.requireNonNull(trial.looked()).time(),
          Objects.requireNonNull(trial.trained()).quality(),
          "trial " + trial.trial() + ": " + trial.spec());
    }
    plot.mark(report.mean().time(), report.mean().quality(), "mean");
    plot.mark(report.best().time(), report.best().quality(), "best: " + report.best().spec());
    return plot.points();
  }

  private static void finalists(StringBuilder html, TuneReport report) {
    html.append(
            "<h2>The finalists</h2><p>Gains are points of quality over <code>mean</code> on rows")
        .append(" of folds that were neither trained on nor chose the epoch. No two folds share a ")
        .append(escaped(report.foldsBy()))
        .append(".</p><table>")
        .append(
            "<tr><th>trial<th>pooler<th>dev total<th>quality<th>ratio<th>mean gain<th>95 %<th>folds</tr>");
    SvgPlot plot = new SvgPlot("finalist", "gain over mean");
    int number = 0;
    for (Finalist finalist : report.finalists()) {
      number++;
      double[] interval = finalist.gainCi95();
      html.append(
          String.format(
              Locale.ROOT,
              "<tr><td>%d<td><code>%s</code><br><small>%s</small><td>%.2f<td>%.2f%s<td>%.3f<td>%s<td>%s<td>%d</tr>",
              finalist.trial(),
              escaped(finalist.spec()),
              escaped(training(finalist)),
              finalist.total(),
              finalist.quality(),
              TuneTable.quality(finalist),
              finalist.referenceRatio(),
              finalist.meanGain() == null
                  ? ""
                  : String.format(Locale.ROOT, "%+.2f", finalist.meanGain()),
              interval == null
                  ? ""
                  : String.format(Locale.ROOT, "%+.2f to %+.2f", interval[0], interval[1]),
              finalist.folds().size()));
      if (finalist.meanGain() != null && interval != null) {
        plot.interval(number, interval[0], finalist.meanGain(), interval[1], finalist.spec());
      }
    }
    html.append("</table>").append(plot.points());
  }

  private static String training(Finalist finalist) {
    List<String> words = new ArrayList<>();
    finalist
        .options()
        .forEach(
            (name, value) -> {
              if (!name.contains(".") && !name.equals("pooler")) {
                words.add(name + " " + value);
              }
            });
    return String.join(", ", words);
  }

  private static void ranking(StringBuilder html, TuneReport report) {
    if (report.ranked() == null) {
      return;
    }
    Ranking ranking = report.ranked().ranking();
    html.append("<h2>Under other assumptions</h2>");
    paragraph(
        html,
        "Recommended: <b>%s</b>. %s, over %d scenarios.",
        escaped(ranking.recommended()),
        escaped(ranking.rule()),
        ranking.scenarios().size());
    html.append("<table><tr><th>place<th>pooler<th>total<th>best in<th>regret, mean<th>most</tr>");
    for (Ranking.Place place : ranking.poolers()) {
      html.append(
          String.format(
              Locale.ROOT,
              "<tr><td>%s<td>%s<td>%s<td>%s<td>%s<td>%s</tr>",
              place.place() == null ? "" : place.place(),
              escaped(place.spec()),
              place.total() == null ? "" : two(place.total().score()),
              place.bestIn() == null ? "" : two(100 * place.bestIn()) + " %",
              place.regretMean() == null ? "" : two(place.regretMean()),
              place.regretMax() == null ? "" : two(place.regretMax())));
    }
    html.append("</table>");
    ranking.instead().forEach(change -> paragraph(html, "%s", escaped(change.sentence())));
  }

  private static void importance(StringBuilder html, TuneReport report) {
    if (report.importance().isEmpty()) {
      return;
    }
    html.append("<h2>What matters</h2>");
    Map<String, Double> bars = new LinkedHashMap<>();
    report.importance().stream()
        .limit(12)
        .forEach(each -> bars.put(each.option() + " (" + each.trials() + ")", each.share()));
    html.append(
        bars(bars, "Share of the totals' variance that goes with an option's values (trials)"));
  }

  private static TreeSet<String> options(List<Trial> done) {
    TreeSet<String> names = new TreeSet<>();
    done.forEach(trial -> names.addAll(trial.options().keySet()));
    return names;
  }

  private static String againstOption(String option, List<Trial> done) {
    TreeSet<String> values = new TreeSet<>(TuneHtml::compared);
    done.stream()
        .filter(trial -> trial.options().containsKey(option))
        .forEach(trial -> values.add(Objects.requireNonNull(trial.options().get(option))));
    if (values.size() < 2) {
      return "";
    }
    List<String> order = List.copyOf(values);
    SvgPlot plot = new SvgPlot(option + ": " + String.join(", ", order), "quality");
    for (Trial trial : done) {
      if (trial.options().containsKey(option)) {
        plot.add(
            order.indexOf(trial.options().get(option)) + 1,
            Objects.requireNonNull(trial.trained()).quality(),
            "trial " + trial.trial() + ": " + trial.options().get(option));
      }
    }
    return plot.small().points();
  }

  /** Numbers by their size. */
  private static int compared(String one, String other) {
    try {
      return Double.compare(Double.parseDouble(one), Double.parseDouble(other));
    } catch (NumberFormatException e) {
      return one.compareTo(other);
    }
  }

  private static void trials(StringBuilder html, List<Trial> trials) {
    html.append(
        "<h2>All trials</h2><table><tr><th>trial<th>rung<th>pooler<th>total<th>s<th>end</tr>");
    for (Trial trial : trials) {
      html.append(
          String.format(
              Locale.ROOT,
              "<tr><td>%d<td>%d<td><code>%s</code><td>%s<td>%.1f<td>%s</tr>",
              trial.trial(),
              trial.rung(),
              escaped(trial.spec()),
              trial.total() == null ? "" : two(trial.total()),
              trial.seconds(),
              trial.finding() == null ? "" : escaped(trial.finding())));
    }
    html.append("</table>");
  }

  private static String bars(Map<String, Double> values, String title) {
    return SvgPlot.bars(values, title);
  }

  private static String two(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }

  private static void paragraph(StringBuilder html, String format, Object... arguments) {
    html.append("<p>").append(String.format(Locale.ROOT, format, arguments)).append("</p>");
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
