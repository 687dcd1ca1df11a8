package dev.poolmark.evaluator.evaluation;

import dev.poolmark.evaluator.evaluation.EvaluationReport.LengthBucket;
import dev.poolmark.evaluator.metric.PairScores;
import java.util.List;

/**
 * What the scoring loop measured of one pooler.
 *
 * @param outputDim width of the embeddings
 * @param pairs label and similarities of every pair
 * @param poolerNanos of each pair batch, both sides
 * @param referenceNanos of the same batches
 * @param byLength time by length of sentence
 */
public record Measurement(
    int outputDim,
    PairScores pairs,
    double[] poolerNanos,
    double[] referenceNanos,
    List<LengthBucket> byLength) {}
