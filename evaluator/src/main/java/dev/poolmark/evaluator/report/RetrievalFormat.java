package dev.poolmark.evaluator.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poolmark.evaluator.retrieval.RetrievalReport;
import dev.poolmark.evaluator.retrieval.RetrievalReport.Figure;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The formats of {@code triplets --format}. */
public enum RetrievalFormat {
  /** For people: a row a figure, a column a pooler. */
  TABLE {
    @Override
    public String render(List<RetrievalReport> reports) {
      return table(reports);
    }
  },
  /** An array, an object a pooler, the figures by the keys of sentence-transformers. */
  JSON {
    @Override
    public String render(List<RetrievalReport> reports) {
      return json(reports);
    }
  },
  /** A row a pooler: the columns of sentence-transformers' evaluators, then the pooler. */
  CSV {
    @Override
    public String render(List<RetrievalReport> reports) {
      return csv(reports);
    }
  };

  /** The reports as text that ends with a line break. */
  public abstract String render(List<RetrievalReport> reports);

  private static String table(List<RetrievalReport> reports) {
    RetrievalReport.Dataset dataset = reports.get(0).dataset();
    StringBuilder text = new StringBuilder();
    text.append(String.format(Locale.ROOT, "%s: %d triplets", dataset.name(), dataset.triplets()));
    if (dataset.documents() > 0) {
      text.append(
          String.format(
              Locale.ROOT, ", %d queries, %d documents", dataset.queries(), dataset.documents()));
    }
    text.append("; with the interval of 95 of 100 resamples\n");
    for (RetrievalReport report : reports) {
      text.append('\n').append(report.pooler().spec()).append('\n');
      for (Figure figure : report.figures()) {
        text.append(
            String.format(
                Locale.ROOT,
                "  %-22s %.4f  [%.4f, %.4f]%n",
                figure.key(),
                figure.value(),
                figure.low(),
                figure.high()));
      }
      report.findings().forEach(finding -> text.append("  ").append(finding).append('\n'));
    }
    return text.toString();
  }

  private static String json(List<RetrievalReport> reports) {
    ObjectMapper json =
        new ObjectMapper().setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);
    ArrayNode all = json.createArrayNode();
    for (RetrievalReport report : reports) {
      ObjectNode node = all.addObject();
      node.set("pooler", json.valueToTree(report.pooler()));
      node.set("dataset", json.valueToTree(report.dataset()));
      report.figures().forEach(figure -> node.put(figure.key(), figure.value()));
      ObjectNode intervals = node.putObject("ci95");
      for (Figure figure : report.figures()) {
        intervals.putArray(figure.key()).add(figure.low()).add(figure.high());
      }
      node.put("eligible", report.eligible());
      node.set("findings", json.valueToTree(report.findings()));
    }
    return ReportFormat.json(all);
  }

  private static String csv(List<RetrievalReport> reports) {
    List<Figure> columns =
        reports.stream()
            .map(RetrievalReport::figures)
            .filter(figures -> !figures.isEmpty())
            .findFirst()
            .orElse(List.of());
    List<String> header = new ArrayList<>(List.of("epoch", "steps"));
    columns.forEach(figure -> header.add(figure.column()));
    header.addAll(List.of("pooler", "eligible", "findings"));
    return Csv.render(header, reports.stream().map(report -> row(report, columns.size())).toList());
  }

  private static List<Object> row(RetrievalReport report, int figures) {
    List<Object> row = new ArrayList<>(List.of(Csv.NOT_IN_TRAINING, Csv.NOT_IN_TRAINING));
    for (int i = 0; i < figures; i++) {
      row.add(report.figures().isEmpty() ? null : report.figures().get(i).value());
    }
    row.add(report.pooler().spec());
    row.add(report.eligible());
    row.add(String.join(" ", report.findings()));
    return row;
  }
}
