package dev.poolmark.server.run;

import java.sql.SQLException;
import java.util.Set;

/**
 * The database can't be reached, or has no room: what was asked of it may succeed later. The
 * message is one line.
 */
public final class StoreOutage extends RuntimeException {

  /** Of data, constraints, and statements: they would fail again. */
  private static final Set<String> LASTING_STATES = Set.of("22", "23", "42");

  /** SQLite tells no states but its own codes, of the same. */
  private static final Set<Integer> LASTING_CODES = Set.of(1, 18, 19, 20, 25);

  StoreOutage(String message, Throwable cause) {
    super(message, cause);
  }

  static boolean caused(SQLException failure) {
    String state = failure.getSQLState();
    return state == null || state.length() < 2
        ? !LASTING_CODES.contains(failure.getErrorCode())
        : !LASTING_STATES.contains(state.substring(0, 2));
  }
}
