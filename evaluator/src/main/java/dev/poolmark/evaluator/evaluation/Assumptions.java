package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.evaluation.EvaluationReport.ProtocolTime;
import dev.poolmark.evaluator.evaluation.EvaluationReport.Time;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the contest does not say, and a report therefore assumes; a sentence each. */
final class Assumptions {

  /** Below this Java's way to torch weighs otherwise than Python's; see the evaluator's manual. */
  private static final int JAVA_MISLEADS_BELOW = 16;

  private Assumptions() {}

  static List<String> of(EvaluationReport report) {
    List<String> notes = new ArrayList<>();
    notes.add(
        String.format(
            Locale.ROOT,
            "assumed: metric and curve as above; time counts beside %1$s, which finds its mask itself"
                + " and takes five times as long as a plain mean; batches of %2$d",
            Contest.REFERENCE,
            report.environment().batchSize()));
    Time time = report.time();
    if (time != null) {
      notes.add(protocols(time));
      if (time.engine().equals(Engine.JAVA.key())
          && report.environment().batchSize() < JAVA_MISLEADS_BELOW) {
        notes.add(
            "in batches below 16 Java misleads: it runs what has many operations faster than Python,"
                + " so sum's ratio reads up to 1.5 times Python's; --engine python tells it right");
      }
    }
    return notes;
  }

  private static String protocols(Time time) {
    if (time.passes() == 1) {
      return String.format(
          Locale.ROOT,
          "total = quality + time; a single pass under the protocol '%s' gives no interval",
          time.protocol());
    }
    if (time.protocols().isEmpty()) {
      return String.format(
          Locale.ROOT,
          "total = quality + time; its interval is over pairs and passes, all under the protocol '%s':"
              + " --protocols all tells how much another one changes",
          time.protocol());
    }
    double least = time.protocols().stream().mapToDouble(ProtocolTime::score).min().orElseThrow();
    double most = time.protocols().stream().mapToDouble(ProtocolTime::score).max().orElseThrow();
    return String.format(
        Locale.ROOT,
        "total = quality + time; its interval is over pairs, passes, protocols and batch sizes, by"
            + " which alone the best pooler's time goes from %.2f to %.2f points",
        least,
        most);
  }
}
