package dev.poolmark.evaluator.batch;

import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStore;
import java.nio.ByteBuffer;
import java.util.List;

/** Sentences of some rows of a store, side by side: all of one side, then all of the next. */
public final class StoreTokens implements Tokens {

  private final TokenStore store;
  private final List<Side> sides;
  private final int[] rows;

  private StoreTokens(TokenStore store, List<Side> sides, int[] rows) {
    this.store = store;
    this.sides = sides;
    this.rows = rows;
  }

  /** The sentences of one side, in the order of the rows. */
  public static StoreTokens of(TokenStore store, Side side, int[] rows) {
    return new StoreTokens(store, List.of(side), rows);
  }

  /** The sentences of all sides: those of the first in the order of the rows, and so on. */
  public static StoreTokens of(TokenStore store, int[] rows) {
    return new StoreTokens(store, store.layout().sides(), rows);
  }

  @Override
  public String name() {
    return store.name();
  }

  @Override
  public int count() {
    return Math.multiplyExact(sides.size(), rows.length);
  }

  @Override
  public int length(int sentence) {
    return store.length(side(sentence), row(sentence));
  }

  @Override
  public int dim() {
    return store.dim();
  }

  @Override
  public void copy(int sentence, ByteBuffer target) {
    store.copy(side(sentence), row(sentence), target);
  }

  private Side side(int sentence) {
    return sides.get(sentence / rows.length);
  }

  private int row(int sentence) {
    return rows[sentence % rows.length];
  }
}
