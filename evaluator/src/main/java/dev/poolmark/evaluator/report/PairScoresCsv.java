package dev.poolmark.evaluator.report;

import dev.poolmark.evaluator.metric.PairScores;
import dev.poolmark.evaluator.metric.Similarity;
import java.io.Closeable;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVPrinter;
import org.apache.commons.csv.CSVRecord;

/**
 * The file of {@code --pair-scores}: {@code pooler,pair,label,cosine,dot,euclidean,manhattan}, a
 * row for each pair of each pooler, pairs counted from 1 as rows of the data are. The distances are
 * negative.
 */
public final class PairScoresCsv implements Closeable {

  private static final CSVFormat FORMAT =
      CSVFormat.RFC4180
          .builder()
          .setRecordSeparator("\n")
          .setHeader("pooler", "pair", "label", "cosine", "dot", "euclidean", "manhattan")
          .get();

  private static final CSVFormat ROWS = FORMAT.builder().setSkipHeaderRecord(true).get();

  private final CSVPrinter out;

  /** Writes the header; closing this closes {@code out}, where it can be closed. */
  public PairScoresCsv(Appendable out) throws IOException {
    this.out = new CSVPrinter(out, FORMAT);
  }

  /** The header alone. */
  public static String header() {
    StringBuilder text = new StringBuilder();
    try (PairScoresCsv csv = new PairScoresCsv(text)) {
      return text.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The rows of one pooler, without a header. */
  public static String rows(String pooler, PairScores scores) {
    StringBuilder text = new StringBuilder();
    try (PairScoresCsv csv = new PairScoresCsv(new CSVPrinter(text, ROWS))) {
      csv.write(pooler, scores);
      return text.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private PairScoresCsv(CSVPrinter out) {
    this.out = out;
  }

  /**
   * Appends the pairs of one pooler.
   *
   * @param pooler its spec
   */
  public void write(String pooler, PairScores scores) throws IOException {
    for (int pair = 0; pair < scores.size(); pair++) {
      out.printRecord(
          pooler,
          pair + 1,
          scores.label(pair),
          scores.similarity(Similarity.COSINE, pair),
          scores.similarity(Similarity.DOT, pair),
          scores.similarity(Similarity.EUCLIDEAN, pair),
          scores.similarity(Similarity.MANHATTAN, pair));
    }
  }

  /**
   * Reads the pairs of one pooler, as they were written.
   *
   * @throws IllegalArgumentException where a cell is no number
   */
  public static PairScores read(Reader csv) throws IOException {
    PairScores scores = new PairScores();
    try (CSVParser rows = ROWS.parse(csv)) {
      for (CSVRecord row : rows) {
        scores.add(
            number(row, "label"),
            number(row, "cosine"),
            number(row, "dot"),
            number(row, "euclidean"),
            number(row, "manhattan"));
      }
    }
    return scores;
  }

  private static double number(CSVRecord row, String column) {
    return Double.parseDouble(row.get(column));
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
