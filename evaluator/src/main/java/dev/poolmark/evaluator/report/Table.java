package dev.poolmark.evaluator.report;

import dev.poolmark.evaluator.evaluation.EvaluationReport;
import dev.poolmark.evaluator.evaluation.EvaluationReport.DatasetInfo;
import dev.poolmark.evaluator.evaluation.EvaluationReport.Environment;
import dev.poolmark.evaluator.evaluation.EvaluationReport.PoolerInfo;
import dev.poolmark.evaluator.evaluation.EvaluationReport.ProtocolTime;
import dev.poolmark.evaluator.evaluation.EvaluationReport.Scores;
import dev.poolmark.evaluator.evaluation.EvaluationReport.Time;
import dev.poolmark.evaluator.files.Printable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The table for people: a line for each pooler, best total first and failed ones last, findings
 * below the line that they belong to, and a footer that says what all of it rests on.
 */
final class Table {

  private static final int WIDTH = 120;
  private static final String GAP = "  ";
  private static final List<String> HEADER =
      List.of("pooler", "quality", "time", "total", "95% interval", "size", "ratio");

  private static final List<String> PROTOCOL_HEADER =
      List.of("pooler", "protocol", "batch", "us/sentence", "ratio", "95% interval", "time");

  private Table() {}

  static String render(List<EvaluationReport> reports) {
    List<EvaluationReport> ranked = reports.stream().sorted(BEST_FIRST).toList();
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEADER);
    ranked.forEach(report -> rows.add(cells(report)));
    int[] widths = widths(rows);

    StringBuilder text = new StringBuilder();
    line(text, aligned(HEADER, widths));
    for (int i = 0; i < ranked.size(); i++) {
      line(text, aligned(rows.get(i + 1), widths));
      findings(ranked.get(i)).forEach(finding -> wrapped(text, "    ! ", finding));
    }
    protocols(ranked).forEach(row -> line(text, row));
    if (!ranked.isEmpty()) {
      footer(ranked.get(0)).forEach(note -> wrapped(text, "", note));
    }
    return text.toString();
  }

  private static final Comparator<EvaluationReport> BEST_FIRST =
      Comparator.comparingDouble(
          report ->
              report
                  .scores()
                  .map(scores -> -scores.total().score())
                  .orElse(Double.POSITIVE_INFINITY));

  private static List<String> cells(EvaluationReport report) {
    String size = size(report.pooler());
    Optional<Scores> scores = report.scores();
    if (scores.isEmpty()) {
      return List.of(report.pooler().spec(), "-", "-", "failed", "", size, "-");
    }
    return List.of(
        report.pooler().spec(),
        points(scores.get().quality().score()),
        points(scores.get().time().score()),
        points(scores.get().total().score()),
        interval(scores.get().total().ci95()),
        size,
        String.format(Locale.ROOT, "%.3f", scores.get().time().referenceRatio()));
  }

  static String points(double points) {
    return String.format(Locale.ROOT, "%.2f", points);
  }

  static String interval(double @Nullable [] ci95) {
    return ci95 == null ? "-" : points(ci95[0]) + " to " + points(ci95[1]);
  }

  /** Bytes of parameters, as {@code 0 B}, {@code 12.3 KiB} or {@code 0.75 MiB}. */
  private static String size(PoolerInfo pooler) {
    Long bytes = pooler.parameterBytes();
    if (bytes == null) {
      return "-";
    }
    if (bytes < 1024) {
      return bytes + " B";
    }
    double kibibytes = bytes / 1024.0;
    return kibibytes < 1024
        ? String.format(Locale.ROOT, "%.1f KiB", kibibytes)
        : String.format(Locale.ROOT, "%.2f MiB", kibibytes / 1024);
  }

  private static List<String> findings(EvaluationReport report) {
    return report.eligible() || !report.findings().isEmpty()
        ? report.findings()
        : List.of("not eligible");
  }

  private static List<String> footer(EvaluationReport any) {
    DatasetInfo data = any.dataset();
    Environment machine = any.environment();
    List<String> notes = new ArrayList<>();
    notes.add("");
    notes.add(
        String.format(
            Locale.ROOT,
            "data: %s, %,d pairs, %,d sentences, %,d tokens of %d numbers",
            data.name(),
            data.pairs(),
            data.sentences(),
            data.tokens(),
            data.dim()));
    notes.add(
        String.format(
            Locale.ROOT,
            "machine: %s, torch %s on %s, %s, batches of %d, %s",
            machine.cpu(),
            machine.torch(),
            machine.threads() == 1 ? "1 thread" : machine.threads() + " threads",
            machine.python() == null ? "Java " + machine.java() : "Python " + machine.python(),
            machine.batchSize(),
            machine.order()));
    notes.add("quality = " + any.formula().quality());
    notes.add("time = " + any.formula().time());
    notes.addAll(any.assumptions());
    return notes;
  }

  /** A line for each protocol and batch size of each pooler that was timed under all. */
  private static List<String> protocols(List<EvaluationReport> reports) {
    List<List<String>> rows = new ArrayList<>();
    for (EvaluationReport report : reports) {
      Time time = report.time();
      if (time != null) {
        time.protocols().forEach(timed -> rows.add(cells(report.pooler().spec(), timed)));
      }
    }
    if (rows.isEmpty()) {
      return List.of();
    }
    rows.add(0, PROTOCOL_HEADER);
    int[] widths = widths(rows);
    List<String> lines = new ArrayList<>(List.of(""));
    rows.forEach(row -> lines.add(aligned(row, widths)));
    return lines;
  }

  private static List<String> cells(String spec, ProtocolTime timed) {
    double[] ci95 = timed.referenceRatioCi95();
    return List.of(
        spec,
        timed.protocol(),
        Integer.toString(timed.batchSize()),
        String.format(Locale.ROOT, "%.2f", timed.usPerSentence()),
        String.format(Locale.ROOT, "%.3f", timed.referenceRatio()),
        ci95 == null ? "-" : String.format(Locale.ROOT, "%.3f to %.3f", ci95[0], ci95[1]),
        points(timed.score()));
  }

  /** Of each column. */
  static int[] widths(List<List<String>> rows) {
    int[] widths = new int[rows.get(0).size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    return widths;
  }

  /** Names to the left, figures to the right. */
  static String aligned(List<String> row, int[] widths) {
    List<String> cells = new ArrayList<>();
    for (int i = 0; i < widths.length; i++) {
      String blank = " ".repeat(widths[i] - row.get(i).length());
      cells.add(i == 0 ? row.get(i) + blank : blank + row.get(i));
    }
    return cells.stream().collect(Collectors.joining(GAP)).stripTrailing();
  }

  /** A text that may take several lines of the table's width, broken at blanks. */
  static void wrapped(StringBuilder text, String lead, String words) {
    StringBuilder line = new StringBuilder(lead);
    boolean empty = true;
    for (String word : words.split("\\s+")) {
      if (!empty && line.length() + 1 + word.length() > WIDTH) {
        line(text, line.toString());
        line = new StringBuilder(" ".repeat(lead.length() == 0 ? 4 : lead.length()));
        empty = true;
      }
      line.append(empty ? "" : " ").append(word);
      empty = false;
    }
    line(text, line.toString());
  }

  static void line(StringBuilder text, String line) {
    text.append(Printable.of(line)).append('\n');
  }
}
