package dev.poolmark.evaluator.batch;

/** Something whose buffers return to their stream when it is released. */
public interface Batch {

  /** Gives the buffers back, to be filled anew: nothing may read them from here on. */
  void release();
}
