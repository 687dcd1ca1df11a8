package dev.poolmark.evaluator.score;

/** From a figure to points. */
public sealed interface Formula permits QualityFormula, TimeFormula {

  /** In one line, without where it comes from. */
  String formula();
}
