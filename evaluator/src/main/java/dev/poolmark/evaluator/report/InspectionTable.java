package dev.poolmark.evaluator.report;

import dev.poolmark.evaluator.tuning.InspectionReport;
import dev.poolmark.evaluator.tuning.InspectionReport.Lengths;
import dev.poolmark.evaluator.tuning.InspectionReport.MeanSpearman;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** An inspection for people: what was found, a line each, then what to do. */
public final class InspectionTable {

  private final List<String> lines = new ArrayList<>();

  private InspectionTable() {}

  /** Text that ends with a line break. */
  public static String render(InspectionReport report) {
    InspectionTable table = new InspectionTable();
    table.add("data", "%s, %,d pairs of sentences", report.name(), report.pairs());
    table.add("tokens", "%,d, each %d wide", report.tokens(), report.dim());
    table.addLengths(report.lengths());
    table.add("padding", "%s", padding(report));
    table.add("labels", "%s", labels(report.labels()));
    table.add(
        "duplicates",
        "%,d sentences, %,d pairs",
        report.duplicateSentences(),
        report.duplicatePairs());
    table.add("first token", "%s", constancy(report.constantFirstToken()));
    table.add("last token", "%s", constancy(report.constantLastToken()));
    table.add("rows of zeros", "%,d", report.zeroRows());
    table.add("mean cosine", "%.3f between random sentences", report.meanCosine());
    table.add(
        "rogue dimensions",
        "%.1f %% of the variance is in the 5 largest",
        100 * report.top5VarianceShare());
    table.addSpearman(report.meanSpearman());
    table.add(
        "one core",
        "reads %.1f GB/s, computes %.0f GFLOPS",
        report.core().readGbPerSecond(),
        report.core().gflops());
    table.lines.add("");
    table.lines.add(report.advice());
    return String.join("\n", table.lines) + "\n";
  }

  private void add(String name, String format, Object... values) {
    lines.add(
        String.format(Locale.ROOT, "%-18s", name) + String.format(Locale.ROOT, format, values));
  }

  private void addLengths(Lengths lengths) {
    add(
        "sentence length",
        "%d to %d tokens; median %d, 95 %% at most %d, mean %.1f",
        lengths.min(),
        lengths.max(),
        lengths.median(),
        lengths.p95(),
        lengths.mean());
  }

  private static String padding(InspectionReport report) {
    return report.paddingShare().entrySet().stream()
        .map(
            share ->
                String.format(
                    Locale.ROOT,
                    "%.0f %% in batches of %d",
                    100 * share.getValue(),
                    share.getKey()))
        .collect(Collectors.joining(", "));
  }

  private static String labels(int[] counts) {
    List<String> ranges = new ArrayList<>();
    for (int i = 0; i < counts.length; i++) {
      ranges.add(String.format(Locale.ROOT, "%,d from %d to %d", counts[i], i, i + 1));
    }
    return String.join(", ", ranges);
  }

  private static String constancy(boolean constant) {
    return constant ? "the same in all sentences" : "differs";
  }

  private void addSpearman(MeanSpearman spearman) {
    add("Spearman of mean", "%s", correlation(spearman.raw()));
    add("  standardised", "%s", correlation(spearman.standardised()));
    spearman
        .withoutFirst()
        .forEach(
            (components, value) -> add("  without first " + components, "%s", correlation(value)));
    add("  whitened", "%s", correlation(spearman.whitened()));
  }

  private static String correlation(@Nullable Double value) {
    return value == null ? "not defined" : String.format(Locale.ROOT, "%.4f", value);
  }
}
