package dev.poolmark.server.store;

import java.sql.SQLException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The database can't be reached, or has no room: what was asked of it may succeed later. The
 * message is one line.
 */
public final class StoreOutage extends RuntimeException {

  /** Of data, constraints, and statements: they would fail again. */
  private static final Set<String> LASTING_STATES = Set.of("22", "23", "42");

  /** SQLite tells no states but its own codes, of the same. */
  private static final Set<Integer> LASTING_CODES = Set.of(1, 18, 19, 20, 25);

  /** SQLite's code, and PostgreSQL's states, for a disk without room. */
  private static final int FULL_CODE = 13;

  private static final String FULL_STATE = "53100";

  private final boolean full;

  StoreOutage(String message, @Nullable Throwable cause, boolean full) {
    super(message, cause);
    this.full = full;
  }

  /** Whether there is no room, and what is there can still be read. */
  public boolean full() {
    return full;
  }

  static boolean isFull(SQLException failure) {
    String state = failure.getSQLState();
    return state == null || state.isEmpty()
        ? failure.getErrorCode() == FULL_CODE
        : state.equals(FULL_STATE);
  }

  static boolean caused(SQLException failure) {
    String state = failure.getSQLState();
    return state == null || state.length() < 2
        ? !LASTING_CODES.contains(failure.getErrorCode())
        : !LASTING_STATES.contains(state.substring(0, 2));
  }
}
