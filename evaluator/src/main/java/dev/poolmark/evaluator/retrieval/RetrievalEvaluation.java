package dev.poolmark.evaluator.retrieval;

import dev.poolmark.evaluator.batch.BatchPooler;
import dev.poolmark.evaluator.batch.StoreTokens;
import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.evaluation.EvaluationReport.PoolerInfo;
import dev.poolmark.evaluator.metric.Bootstrap;
import dev.poolmark.evaluator.metric.Interval;
import dev.poolmark.evaluator.metric.RetrievalMetric;
import dev.poolmark.evaluator.metric.Similarity;
import dev.poolmark.evaluator.metric.TripletScores;
import dev.poolmark.evaluator.plugin.BadSpecException;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.plugin.SpecifiedPooler;
import dev.poolmark.evaluator.retrieval.RetrievalReport.Dataset;
import dev.poolmark.evaluator.retrieval.RetrievalReport.Figure;
import dev.poolmark.evaluator.torch.CompiledPooler;
import dev.poolmark.evaluator.torch.PoolerFault;
import dev.poolmark.evaluator.torch.TorchEngine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Measures how well poolers rank; times nothing. A pooler that misbehaves costs its own report,
 * with a finding; the others are measured.
 */
public final class RetrievalEvaluation {

  private static final long SEED = 42;

  /** Rows that are embedded at once: enough to find many of like length. */
  private static final int BLOCK = 4096;

  private final PluginCatalog forQueries;
  private final PluginCatalog forDocuments;
  private final RetrievalRequest request;

  /**
   * @param forQueries poolers of anchors
   * @param forDocuments of positives, negatives and the corpus: a model folder's own pooling may
   *     leave out the tokens of another prompt
   */
  public RetrievalEvaluation(
      PluginCatalog forQueries, PluginCatalog forDocuments, RetrievalRequest request) {
    this.forQueries = forQueries;
    this.forDocuments = forDocuments;
    this.request = request;
  }

  /**
   * Measures every pooler of the request, in its order.
   *
   * @throws BadSpecException when a spec names no pooler, before any is measured
   */
  public List<RetrievalReport> run() {
    int dim = request.triplets().dim();
    request.poolers().forEach(spec -> forDocuments.check(spec, dim));
    TorchEngine.start(Runtime.getRuntime().availableProcessors());
    return request.poolers().stream().map(this::evaluate).toList();
  }

  private RetrievalReport evaluate(PoolerSpec spec) {
    int dim = request.triplets().dim();
    try {
      SpecifiedPooler specified = forDocuments.create(spec, dim);
      try (CompiledPooler queries =
              CompiledPooler.of(forQueries.create(spec, dim).pooler(), dim, SEED);
          CompiledPooler documents = CompiledPooler.of(specified.pooler(), dim, SEED)) {
        return evaluate(specified, queries, documents);
      }
    } catch (PoolerFault | BadSpecException fault) {
      return lost(spec, String.valueOf(fault.getMessage()));
    }
  }

  /** The report of a pooler whose run came to nothing. */
  public RetrievalReport lost(PoolerSpec spec, String finding) {
    PoolerInfo pooler =
        new PoolerInfo(spec.text(), spec.text(), null, null, null, null, null, null);
    return new RetrievalReport(pooler, dataset(), List.of(), false, List.of(finding));
  }

  private RetrievalReport evaluate(
      SpecifiedPooler specified, CompiledPooler queries, CompiledPooler documents) {
    BatchPooler queryPooler = BatchPooler.of(queries);
    BatchPooler documentPooler = BatchPooler.of(documents);
    List<Figure> figures = new ArrayList<>(accuracies(queryPooler, documentPooler));
    int width = documentPooler.width();
    if (request.documents().isPresent()) {
      figures.addAll(retrieval(request.documents().get(), queryPooler, documentPooler));
    }
    Optional<String> tooLarge = Contest.sizeFinding(documents.parameterBytes());
    boolean small = tooLarge.isEmpty();
    List<String> findings = new ArrayList<>(specified.untrained().stream().toList());
    tooLarge.ifPresent(findings::add);
    return new RetrievalReport(
        new PoolerInfo(
            specified.name(),
            specified.spec(),
            specified.plugin(),
            specified.version(),
            width,
            documents.parameterCount(),
            documents.parameterBytes(),
            small),
        dataset(),
        figures,
        small,
        findings);
  }

  private Dataset dataset() {
    TokenStore triplets = request.triplets();
    return new Dataset(
        triplets.name(),
        triplets.rows(),
        request.documents().map(documents -> documents.queries().length).orElse(0),
        request.documents().map(Documents::size).orElse(0),
        triplets.dim(),
        triplets.sha256());
  }

  /** By each similarity, how often the positive is the closer one. */
  private List<Figure> accuracies(BatchPooler queries, BatchPooler documents) {
    TokenStore store = request.triplets();
    TripletScores scores = new TripletScores(store.rows());
    for (int from = 0; from < store.rows(); from += BLOCK) {
      int[] rows = IntStream.range(from, Math.min(from + BLOCK, store.rows())).toArray();
      float[] anchors = queries.pool(StoreTokens.of(store, Side.ANCHOR, rows));
      float[] positives = documents.pool(StoreTokens.of(store, Side.POSITIVE, rows));
      float[] negatives = documents.pool(StoreTokens.of(store, Side.NEGATIVE, rows));
      int width = documents.width();
      for (int i = 0; i < rows.length; i++) {
        int at = i * width;
        scores.add(anchors, at, positives, at, negatives, at, width);
      }
    }
    List<Figure> figures = new ArrayList<>();
    for (Similarity similarity : Similarity.values()) {
      figures.add(
          figure(
              similarity.key() + "_accuracy",
              "accuracy_" + similarity.key(),
              scores.hits(similarity)));
    }
    return figures;
  }

  /** All documents pass once, whatever they are searched by. */
  private List<Figure> retrieval(
      Documents documents, BatchPooler queryPooler, BatchPooler documentPooler) {
    float[] queries =
        queryPooler.pool(StoreTokens.of(documents.triplets(), Side.ANCHOR, documents.queries()));
    Map<Similarity, Retrieval> retrievals = new LinkedHashMap<>();
    try {
      for (Similarity similarity : request.similarities()) {
        retrievals.put(similarity, new Retrieval(similarity, queries, queryPooler.width()));
      }
      for (Documents.Part part : documents.documents()) {
        for (int from = 0; from < part.rows().length; from += BLOCK) {
          int to = Math.min(from + BLOCK, part.rows().length);
          int[] rows = Arrays.copyOfRange(part.rows(), from, to);
          float[] block = documentPooler.pool(StoreTokens.of(part.store(), part.side(), rows));
          retrievals.values().forEach(retrieval -> retrieval.add(block, rows.length));
        }
      }
      List<Figure> figures = new ArrayList<>();
      retrievals.forEach(
          (similarity, retrieval) -> figures.addAll(figures(documents, similarity, retrieval)));
      return figures;
    } finally {
      retrievals.values().forEach(Retrieval::close);
    }
  }

  private static List<Figure> figures(
      Documents documents, Similarity similarity, Retrieval retrieval) {
    int queries = documents.queries().length;
    double[][] values = new double[RetrievalMetric.ALL.size()][queries];
    for (int query = 0; query < queries; query++) {
      int[] best = retrieval.best(query);
      boolean[] found = new boolean[best.length];
      for (int place = 0; place < best.length; place++) {
        found[place] = documents.isRelevant(query, best[place]);
      }
      int relevant = documents.relevant().get(query).length;
      for (int i = 0; i < values.length; i++) {
        values[i][query] = RetrievalMetric.ALL.get(i).of(found, relevant);
      }
    }
    List<Figure> figures = new ArrayList<>();
    for (int i = 0; i < values.length; i++) {
      RetrievalMetric metric = RetrievalMetric.ALL.get(i);
      figures.add(
          figure(
              similarity.key() + "_" + metric.key(),
              similarity.key() + "-" + metric.column(),
              values[i]));
    }
    return figures;
  }

  private static Figure figure(String key, String column, double[] values) {
    Interval interval = Bootstrap.ofPairs(values.length).mean(values).interval95().orElseThrow();
    double mean = Arrays.stream(values).average().orElseThrow();
    return new Figure(key, column, mean, interval.low(), interval.high());
  }
}
