package dev.poolmark.evaluator.retrieval;

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

  /** Offers neighbours, numbered from the given document on. */
  void offer(float[] all, int firstDocument) {
    float worst = worst();
    for (int i = 0; i < all.length; i++) {
      if (all[i] > worst) {
        insert(all[i], firstDocument + i);
        worst = worst();
      }
    }
  }

  /** What a score has to be above. */
  private float worst() {
    return size < scores.length ? Float.NEGATIVE_INFINITY : scores[size - 1];
  }

  private void insert(float score, int document) {
    int place = place(score);
    size = Math.min(size + 1, scores.length);
    System.arraycopy(scores, place, scores, place + 1, size - place - 1);
    System.arraycopy(documents, place, documents, place + 1, size - place - 1);
    scores[place] = score;
    documents[place] = document;
  }

  /** Behind all that are at least as close. */
  private int place(float score) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (scores[middle] >= score) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  int size() {
    return size;
  }

  int document(int place) {
    return documents[place];
  }
}
