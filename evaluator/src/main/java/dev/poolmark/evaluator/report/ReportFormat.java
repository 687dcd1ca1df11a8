package dev.poolmark.evaluator.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import dev.poolmark.evaluator.evaluation.EvaluationReport;
import java.util.List;
import java.util.Locale;

/** The formats of {@code score --format}. */
public enum ReportFormat {
  /** For people: aligned text, best total first. */
  TABLE {
    @Override
    public String render(List<EvaluationReport> reports) {
      return Table.render(reports);
    }
  },
  /** Everything: an array, one object for each pooler, null for what is not defined. */
  JSON {
    @Override
    public String render(List<EvaluationReport> reports) {
      return json(reports);
    }
  },
  /** The columns of sentence-transformers' similarity evaluator, then pooler and scores. */
  CSV {
    @Override
    public String render(List<EvaluationReport> reports) {
      return Csv.render(reports);
    }
  },
  /** MTEB's result JSON: an object where one pooler was asked for, an array for several. */
  MTEB {
    @Override
    public String render(List<EvaluationReport> reports) {
      List<MtebResult> results = reports.stream().map(MtebResult::of).toList();
      return json(results.size() == 1 ? results.get(0) : results);
    }
  };

  /** One line break on every system: the output is compared and checked into repositories. */
  private static final DefaultIndenter INDENT = new DefaultIndenter("  ", "\n");

  private static final ObjectWriter WRITER =
      new ObjectMapper().writer(new DefaultPrettyPrinter().withObjectIndenter(INDENT));

  /** The reports as text that ends with a line break. */
  public abstract String render(List<EvaluationReport> reports);

  /** The name on the command line: {@code table}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  static String json(Object value) {
    try {
      return WRITER.writeValueAsString(value) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a report is made of plain values", e);
    }
  }
}
