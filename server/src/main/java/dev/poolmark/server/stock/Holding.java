package dev.poolmark.server.stock;

import io.vertx.core.json.JsonObject;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Something that a node has.
 *
 * @param name what runs call it; of a copy and of a machine, the hash or text itself
 * @param sha256 of its content; empty for a machine
 * @param about a pooler as {@code GET /poolers} lists it; null for anything else
 */
record Holding(Kind kind, String name, String sha256, @Nullable JsonObject about) {

  enum Kind {
    /** A data set under the data root. */
    DATA,
    /** A file or folder under the folder of models. */
    MODEL,
    /** A pooler of a plugin, by the content of its plugin. */
    POOLER,
    /** Data or a model that was taken from another node. */
    COPY,
    /** What the node runs on. */
    MACHINE;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Kind of(String text) {
      return valueOf(text.toUpperCase(Locale.ROOT));
    }
  }

  static Holding of(Kind kind, String name, String sha256) {
    return new Holding(kind, name, sha256, null);
  }
}
