package dev.poolmark.evaluator.report;

import dev.poolmark.evaluator.tuning.TuneReport;
import dev.poolmark.evaluator.tuning.TuneReport.Finalist;
import java.util.List;
import java.util.Locale;

/** A tuning's end in some lines of text. */
public final class TuneTable {

  private TuneTable() {}

  public static String render(TuneReport report) {
    StringBuilder text = new StringBuilder();
    for (Finalist finalist : report.finalists()) {
      text.append(
          String.format(
              Locale.ROOT,
              "%.2f points on the dev rows (quality %.2f%s, time %.2f, ratio %.3f)%s: %s%n",
              finalist.total(),
              finalist.quality(),
              quality(finalist),
              finalist.time(),
              finalist.referenceRatio(),
              gain(finalist),
              finalist.spec()));
    }
    text.append(
        String.format(
            Locale.ROOT,
            "mean: %.2f points (quality %.2f, time %.2f)%n",
            report.mean().total(),
            report.mean().quality(),
            report.mean().time()));
    text.append(
        String.format(Locale.ROOT, "The best, of trial %d, is in best/%n", report.best().trial()));
    if (report.submission() != null) {
      text.append(
          String.format(
              Locale.ROOT,
              "best.zip: %,d bytes of weights; %s%n",
              report.submission().weightsBytes(),
              report.submission().verified() == null
                  ? "not verified"
                  : "verified with " + report.submission().verified()));
    }
    if (report.ranked() != null) {
      text.append(
          String.format(
              Locale.ROOT,
              "Over %d scenarios %s loses least.%n",
              report.ranked().ranking().scenarios().size(),
              report.ranked().ranking().recommended()));
    }
    List<String> findings = report.findings();
    findings.forEach(finding -> text.append(finding).append(System.lineSeparator()));
    return text.toString();
  }

  /** The interval of the quality. */
  static String quality(Finalist finalist) {
    double[] interval = finalist.qualityCi95();
    return interval == null
        ? ""
        : String.format(Locale.ROOT, " [%.2f, %.2f]", interval[0], interval[1]);
  }

  static String gain(Finalist finalist) {
    if (finalist.meanGain() == null) {
      return "";
    }
    double[] interval = finalist.gainCi95();
    return String.format(
            Locale.ROOT,
            ", %+.2f over mean on %d folds",
            finalist.meanGain(),
            finalist.folds().size())
        + (interval == null
            ? ""
            : String.format(Locale.ROOT, " (95 %%: %+.2f to %+.2f)", interval[0], interval[1]));
  }
}
