package dev.poolmark.evaluator.report;

import dev.poolmark.evaluator.submission.CheckReport;
import dev.poolmark.evaluator.submission.CheckReport.Check;
import java.util.List;
import java.util.Locale;

/** What was checked, for people: a line for each check, marked ✓ or ✗. */
public final class CheckTable {

  private CheckTable() {}

  public static String render(List<CheckReport> reports) {
    StringBuilder text = new StringBuilder();
    int width =
        reports.stream()
            .flatMap(report -> report.checks().stream())
            .mapToInt(check -> check.name().length())
            .max()
            .orElse(1);
    for (CheckReport report : reports) {
      Table.line(text, report.subject());
      for (Check check : report.checks()) {
        Table.line(
            text,
            String.format(
                Locale.ROOT,
                "  %s %-" + width + "s  %s",
                check.holds() ? "✓" : "✗",
                check.name(),
                check.found()));
      }
    }
    return text.toString();
  }
}
