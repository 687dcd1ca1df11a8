package dev.poolmark.evaluator.tuning;

import java.util.List;

/**
 * How much a candidate is trained.
 *
 * @param rows share of the training rows
 * @param epochs share of its epochs
 */
record Rung(double rows, double epochs) {

  private static final Rung ALL = new Rung(1, 1);

  /** Fewer rows than this are trained on so soon that a first look saves nothing. */
  private static final int FEW_ROWS = 1000;

  /** From the first look to all rows and all epochs. */
  static List<Rung> ladder(int trainRows) {
    return trainRows < FEW_ROWS
        ? List.of(ALL)
        : List.of(new Rung(0.34, 0.34), new Rung(0.67, 0.5), ALL);
  }
}
