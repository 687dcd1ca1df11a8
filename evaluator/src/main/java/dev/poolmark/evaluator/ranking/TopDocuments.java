package dev.poolmark.evaluator.ranking;

/**
 * The best documents of one query so far, best first. They are offered in the order of their
 * numbers, and those that are equally close stay in it.
 */
final class TopDocuments {

  private final float[] scores;
  private final int[] documents;
  private int size;

  TopDocuments(int most) {
    scores = new float[most];
    documents = new int[most];
  }

  void offer(float score, int document) {
    if (size == scores.length && !(score > scores[size - 1])) {
      return;
    }
    int place = size < scores.length ? size++ : size - 1;
    while (place > 0 && score > scores[place - 1]) {
      scores[place] = scores[place - 1];
      documents[place] = documents[place - 1];
      place--;
    }
    scores[place] = score;
    documents[place] = document;
  }

  int size() {
    return size;
  }

  int document(int place) {
    return documents[place];
  }
}
