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
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A tuning as one HTML file that needs no network. */
public final class TuneHtml {

  private static final String STYLE =
      """
      :root{color-scheme:light dark;--ground:#fff;--ink:#171a21;--muted:#5a6272;--line:#dfe3ea;
      --accent:#2456d6;--second:#b8500a}
      @media (prefers-color-scheme:dark){:root{--ground:#0f1218;--ink:#e9ecf3;--muted:#9ea8ba;
      --line:#2a303d;--accent:#8db1ff;--second:#ffab6b}}
      *{box-sizing:border-box}
      body{font:16px/1.5 system-ui,"DejaVu Sans",sans-serif;max-width:64rem;margin:0 auto;
      padding:1.5rem 1rem 4rem;color:var(--ink);background:var(--ground)}
      h1{font-size:1.5rem;overflow-wrap:anywhere}h2{font-size:1.15rem;margin-top:2.5rem}
      small,.note{color:var(--muted)}code{font-size:.9em;overflow-wrap:anywhere}
      .wide{overflow-x:auto}.wide:focus-visible{outline:3px solid var(--accent)}
      table{border-collapse:collapse;width:100%;min-width:38rem;font-size:.9rem;
      font-variant-numeric:tabular-nums}
      th,td{text-align:left;padding:.35rem .75rem .35rem 0;border-bottom:1px solid var(--line);
      vertical-align:top}
      th{color:var(--muted);font-weight:600}td.n,th.n{text-align:right;white-space:nowrap}
      .spec{min-width:15rem}summary{cursor:pointer;margin:1rem 0}
      svg{max-width:100%;height:auto;display:block}svg text{font:12px system-ui,"DejaVu Sans",sans-serif;
      fill:var(--muted)}
      .grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(18rem,100%),1fr));gap:1rem}
      .dot{fill:var(--accent);fill-opacity:.55}.mark{fill:var(--second)}.bar{fill:var(--accent)}
      .line{fill:none;stroke:var(--accent);stroke-width:2}.axis{fill:none;stroke:var(--muted)}
      .rule{stroke:var(--line)}.interval{stroke:var(--second);stroke-width:2}
      """;

  /** Trials that lose more to the best would press all others into one line of a plot. */
  private static final double SHOWN_POINTS = 8;

  private static final int OPTIONS_SHOWN = 9;

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
        .append("</style></head><body><main><h1>Tuning of ")
        .append(escaped(report.inspection().name()))
        .append("</h1>");
    summary(html, report);
    List<Trial> done = trials.stream().filter(trial -> trial.total() != null).toList();
    finalists(html, report);
    ranking(html, report);
    qualityAndTime(html, report, done);
    html.append("<h2>How the search went</h2>").append(history(report));
    importance(html, report, done);
    inspection(html, report.inspection());
    trials(html, trials);
    return html.append("</main></body></html>\n").toString();
  }

  private static void summary(StringBuilder html, TuneReport report) {
    Finalist best = report.best();
    double[] interval = best.gainCi95();
    paragraph(html, "The best is <b><code>%s</code></b>.", escaped(best.spec()));
    paragraph(
        html,
        "On the dev rows it has %.2f points: %.2f for quality and %.2f for time. <code>mean</code> has"
            + " %.2f.",
        best.total(),
        best.quality(),
        best.time(),
        report.mean().total());
    if (best.meanGain() != null) {
      paragraph(
          html,
          "On rows that were kept aside it gains %.2f points of quality over <code>mean</code>%s.",
          best.meanGain(),
          interval == null
              ? ""
              : String.format(
                  Locale.ROOT, ", with 95 %% between %.2f and %.2f", interval[0], interval[1]));
    }
    paragraph(
        html,
        "Its model is in <code>best/</code>, its submission is <code>best.zip</code>.%s",
        report.submission() == null || report.submission().verified() == null
            ? ""
            : " The submission was verified with " + escaped(report.submission().verified()) + ".");
    report.findings().forEach(finding -> paragraph(html, "%s", escaped(finding)));
    html.append(
        String.format(
            Locale.ROOT,
            "<p class=\"note\">%,d pairs to train on, %,d pairs to choose by. Trials: %s. %.0f of %.0f seconds"
                + " were used.</p>",
            report.trainRows(),
            report.devRows(),
            report.trials().entrySet().stream()
                .map(entry -> entry.getValue() + " " + entry.getKey())
                .collect(Collectors.joining(", ")),
            report.seconds(),
            report.budgetSeconds()));
  }

  private static void inspection(StringBuilder html, InspectionReport report) {
    html.append("<h2>The tokens</h2>");
    paragraph(html, "%s", escaped(report.advice()));
    Map<String, Double> bars = new LinkedHashMap<>();
    put(bars, "as they are", report.meanSpearman().raw());
    put(bars, "standardised", report.meanSpearman().standardised());
    put(bars, "whitened", report.meanSpearman().whitened());
    report
        .meanSpearman()
        .withoutFirst()
        .forEach(
            (count, value) ->
                put(bars, "without " + count + (count == 1 ? " component" : " components"), value));
    html.append(
        SvgPlot.bars(
            bars, "Spearman of the sentences' means, treated in ways that need no labels"));
    Map<String, Double> labels = new LinkedHashMap<>();
    for (int i = 0; i < report.labels().length; i++) {
      labels.put("labels " + i + " to " + (i + 1), (double) report.labels()[i]);
    }
    html.append(SvgPlot.bars(labels, "Pairs by label"));
    paragraph(
        html,
        "Sentences have %d to %d tokens, and a median of %d. The mean cosine of random sentences is"
            + " %.3f. The five dimensions that vary most hold %.1f %% of the variance.",
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
    SvgPlot plot = new SvgPlot("seconds since the start", "best total on the dev rows");
    report
        .history()
        .forEach(
            rise ->
                plot.add(
                    rise.seconds(), rise.total(), "trial " + rise.trial() + ", " + rise.spec()));
    return plot.steps(report.seconds());
  }

  private static void qualityAndTime(StringBuilder html, TuneReport report, List<Trial> done) {
    html.append("<h2>Quality and time</h2>");
    List<Trial> near = near(done);
    SvgPlot plot = new SvgPlot("points for time", "points for quality");
    for (Trial trial : near) {
      plot.add(
          Objects.requireNonNull(trial.looked()).time(),
          Objects.requireNonNull(trial.trained()).quality(),
          "trial " + trial.trial() + ", " + trial.spec());
    }
    plot.mark(report.best().time(), report.best().quality(), "the best, " + report.best().spec());
    html.append(plot.front());
    paragraph(
        html,
        "Each dot is a trial, on the dev rows. The line joins those that no other beats in both. The"
            + " large dot is the best. %s",
        near.size() == done.size()
            ? ""
            : String.format(
                Locale.ROOT,
                "%d trials are not shown: they lose more than %.0f points.",
                done.size() - near.size(),
                SHOWN_POINTS));
  }

  /** Those that are not far behind the best. */
  private static List<Trial> near(List<Trial> done) {
    double most = done.stream().mapToDouble(TuneHtml::total).max().orElse(0);
    return done.stream().filter(trial -> total(trial) >= most - SHOWN_POINTS).toList();
  }

  private static double total(Trial trial) {
    return Objects.requireNonNull(trial.total());
  }

  private static void finalists(StringBuilder html, TuneReport report) {
    html.append("<h2>The finalists</h2>");
    paragraph(
        html,
        "Each was trained again without parts of the pairs, and measured on these. The gain is in"
            + " points of quality over <code>mean</code> there. %s The order is by the gain and the"
            + " points for time.",
        report.foldsBy().equals("topic and sentence")
            ? "Every second part is a topic of its own, and the others share no sentence."
            : "No two parts share a " + escaped(report.foldsBy()) + ".");
    html.append("<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Finalists\">")
        .append("<table><tr><th>trial<th>pooler and training<th class=n>total, dev")
        .append("<th class=n>quality, dev<th class=n>time over mean<th class=n>gain")
        .append("<th class=n>trainings</tr>");
    SvgPlot plot =
        new SvgPlot("trial", "gain over mean, with its 95 % interval")
            .categories(
                report.finalists().stream()
                    .map(finalist -> Integer.toString(finalist.trial()))
                    .toList());
    int number = 0;
    for (Finalist finalist : report.finalists()) {
      double[] interval = finalist.gainCi95();
      html.append(
          String.format(
              Locale.ROOT,
              "<tr><td>%d<td class=spec><code>%s</code><br><small>%s</small><td class=n>%.2f<td class=n>%.2f"
                  + "<br><small>%s</small><td class=n>%.3f<td class=n>%s<br><small>%s</small>"
                  + "<td class=n>%d</tr>",
              finalist.trial(),
              escaped(finalist.spec()),
              escaped(training(finalist)),
              finalist.total(),
              finalist.quality(),
              between(finalist.qualityCi95()),
              finalist.referenceRatio(),
              finalist.meanGain() == null
                  ? ""
                  : String.format(Locale.ROOT, "%.2f", finalist.meanGain()),
              between(interval),
              finalist.folds().size()));
      if (finalist.meanGain() != null && interval != null) {
        plot.interval(number, interval[0], finalist.meanGain(), interval[1], finalist.spec());
      }
      number++;
    }
    html.append("</table></div>").append(plot.points());
  }

  private static String between(double @Nullable [] interval) {
    return interval == null
        ? ""
        : String.format(Locale.ROOT, "%.2f to %.2f", interval[0], interval[1]);
  }

  private static String training(Finalist finalist) {
    List<String> words = new ArrayList<>();
    finalist
        .options()
        .forEach(
            (name, value) -> {
              if (!name.contains(".") && !name.equals("pooler")) {
                words.add(named(name) + " " + value);
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
        "The contest does not say how it measures time, nor how time becomes points. So the first"
            + " finalists were scored under %d scenarios, on the dev rows. <b>%s</b> is recommended: it"
            + " has %s.",
        ranking.scenarios().size(),
        escaped(words(ranking.recommended(), report)),
        escaped(ranking.rule()));
    html.append("<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Ranking\">")
        .append("<table><tr><th>place<th>pooler<th class=n>total<th class=n>best in")
        .append("<th class=n>loses on average<th class=n>loses at most</tr>");
    for (Ranking.Place place : ranking.poolers()) {
      html.append(
          String.format(
              Locale.ROOT,
              "<tr><td>%s<td>%s<td class=n>%s<td class=n>%s<td class=n>%s<td class=n>%s</tr>",
              place.place() == null ? "" : place.place(),
              escaped(words(place.spec(), report)),
              place.total() == null ? "" : two(place.total().score()),
              place.bestIn() == null
                  ? ""
                  : String.format(Locale.ROOT, "%.0f %%", 100 * place.bestIn()),
              place.regretMean() == null ? "" : two(place.regretMean()),
              place.regretMax() == null ? "" : two(place.regretMax())));
    }
    html.append("</table></div>");
    if (!ranking.instead().isEmpty()) {
      html.append("<details><summary>When another one would be best</summary><ul>");
      ranking
          .instead()
          .forEach(
              change ->
                  html.append("<li>")
                      .append(escaped(words(change.spec(), report)))
                      .append(", if ")
                      .append(escaped(change.condition())));
      html.append("</ul></details>");
    }
  }

  /** The trial's number and what it is. */
  private static String words(String name, TuneReport report) {
    return report.finalists().stream()
        .filter(finalist -> name.equals("trial-" + finalist.trial()))
        .map(finalist -> "trial " + finalist.trial() + ", " + finalist.spec())
        .findFirst()
        .orElse(name);
  }

  private static void importance(StringBuilder html, TuneReport report, List<Trial> done) {
    if (report.importance().isEmpty()) {
      return;
    }
    html.append("<h2>What matters</h2>");
    Map<String, Double> bars = new LinkedHashMap<>();
    report.importance().stream()
        .limit(12)
        .forEach(each -> bars.put(named(each.option()), Math.rint(100 * each.share())));
    html.append(
        SvgPlot.bars(bars, "Share of the totals' variance that an option explains alone, in %"));
    List<Trial> near = near(done);
    html.append("<h2>Quality by option</h2>");
    paragraph(html, "Points of quality on the dev rows. Each dot is a trial.");
    html.append("<div class=\"grid\">");
    report.importance().stream()
        .map(TuneReport.Importance::option)
        .map(option -> byOption(option, near))
        .filter(plot -> !plot.isEmpty())
        .limit(OPTIONS_SHOWN)
        .forEach(html::append);
    html.append("</div>");
  }

  private static String byOption(String option, List<Trial> trials) {
    List<Trial> having =
        trials.stream().filter(trial -> trial.options().containsKey(option)).toList();
    TreeSet<String> values = new TreeSet<>(TuneHtml::compared);
    having.forEach(trial -> values.add(value(trial, option)));
    if (values.size() < 2) {
      return "";
    }
    List<String> order = List.copyOf(values);
    SvgPlot plot = new SvgPlot("", named(option)).categories(order).small();
    for (Trial trial : having) {
      plot.add(
          order.indexOf(value(trial, option)),
          Objects.requireNonNull(trial.trained()).quality(),
          "trial " + trial.trial() + ", " + value(trial, option));
    }
    return plot.points();
  }

  /** In words; an option of a pooler as its spec has it. */
  private static String named(String option) {
    return option.contains(".") ? option : option.replace('_', ' ');
  }

  private static String value(Trial trial, String option) {
    return Objects.requireNonNull(trial.options().get(option));
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
    html.append("<h2>All trials</h2><details><summary>")
        .append(trials.size())
        .append(" trials. Rung 0 sees some of the pairs, the last one all of them.</summary>")
        .append("<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Trials\">")
        .append("<table><tr><th class=n>trial<th class=n>rung<th>pooler<th class=n>total")
        .append("<th class=n>seconds<th>what became of it</tr>");
    for (Trial trial : trials) {
      html.append(
          String.format(
              Locale.ROOT,
              "<tr><td class=n>%d<td class=n>%d<td class=spec><code>%s</code><td class=n>%s<td class=n>%.1f"
                  + "<td>%s</tr>",
              trial.trial(),
              trial.rung(),
              escaped(trial.spec()),
              trial.total() == null ? "" : two(trial.total()),
              trial.seconds(),
              trial.finding() == null ? "" : escaped(trial.finding())));
    }
    html.append("</table></div></details>");
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
