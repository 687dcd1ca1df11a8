package dev.poolmark.evaluator.retrieval;

import dev.poolmark.evaluator.evaluation.EvaluationReport.PoolerInfo;
import java.util.List;

/**
 * How well one pooler ranks.
 *
 * @param figures none where a finding ended the pooler's run
 * @param eligible whether the contest would take it: it ran to the end, within the size limit
 * @param findings what is wrong with it, a sentence each
 */
public record RetrievalReport(
    PoolerInfo pooler,
    Dataset dataset,
    List<Figure> figures,
    boolean eligible,
    List<String> findings) {

  public RetrievalReport {
    figures = List.copyOf(figures);
    findings = List.copyOf(findings);
  }

  /** What it was measured on; queries and documents are 0 where there is no corpus. */
  public record Dataset(
      String name, int triplets, int queries, int documents, int dim, String sha256) {}

  /**
   * A mean over triplets or queries, from 0 to 1.
   *
   * @param key as sentence-transformers' evaluators return it: {@code cosine_accuracy@1}
   * @param column as they write it into CSV files: {@code cosine-Accuracy@1}
   * @param low of the interval that holds 95 of 100 resamples
   */
  public record Figure(String key, String column, double value, double low, double high) {}
}
