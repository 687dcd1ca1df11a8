package dev.poolmark.server.http.access;

import static dev.poolmark.server.store.Database.rows;
import static dev.poolmark.server.store.Database.update;

import dev.poolmark.server.store.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logins that ended before their time, kept in the database until that time: a cookie that somebody
 * has copied opens nothing after its owner's logout, not after a restart, and on no other server.
 */
public final class Logouts {

  private static final Logger LOG = LoggerFactory.getLogger(Logouts.class);

  /** For so long a login may still hold on other servers. */
  private static final long READ_MILLIS = 2000;

  private final Vertx vertx;
  private final Database database;

  /** By the login, the second of the epoch until when its cookie would have counted. */
  private final Map<String, Long> ended = new ConcurrentHashMap<>();

  public Logouts(Vertx vertx, Database database) {
    this.vertx = vertx;
    this.database = database;
  }

  /**
   * Reads those that there are.
   *
   * @param shared whether other servers may write some, too
   */
  public Future<Void> begin(boolean shared) {
    if (shared) {
      vertx.setPeriodic(
          READ_MILLIS,
          timer -> read().onFailure(failure -> LOG.debug("logouts aren't read", failure)));
    }
    return read();
  }

  private Future<Void> read() {
    return database
        .ask(
            db ->
                rows(
                    db,
                    row -> Map.entry(row.getString("login"), row.getLong("expires_at")),
                    "SELECT login, expires_at FROM logouts"))
        .onSuccess(found -> found.forEach(login -> ended.put(login.getKey(), login.getValue())))
        .mapEmpty();
  }

  boolean has(String login) {
    return ended.containsKey(login);
  }

  /** Here from now on, and everywhere once this has succeeded; what is past is forgotten. */
  Future<Void> add(String login, long expiresAt) {
    ended.put(login, expiresAt);
    long now = Instant.now().getEpochSecond();
    ended.values().removeIf(until -> until < now);
    return database
        .ask(
            db -> {
              update(db, "DELETE FROM logouts WHERE expires_at < ?", now);
              return update(
                  db,
                  "INSERT INTO logouts (login, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
                  login,
                  expiresAt);
            })
        .mapEmpty();
  }
}
