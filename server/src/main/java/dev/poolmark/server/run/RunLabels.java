package dev.poolmark.server.run;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What people write beside a run.
 *
 * @param name null where it has none
 * @param notes null where there are none
 * @param pinned whether it stays when old runs are deleted
 */
public record RunLabels(
    @Nullable String name, @Nullable String notes, List<String> tags, boolean pinned) {

  public RunLabels {
    tags = List.copyOf(tags);
  }

  /** The labels after a change that the contract's schema has accepted: what it names is new. */
  RunLabels with(JsonObject change) {
    return new RunLabels(
        change.containsKey("name") ? text(change, "name") : name,
        change.containsKey("notes") ? text(change, "notes") : notes,
        change.containsKey("tags") ? tags(change.getJsonArray("tags")) : tags,
        change.getBoolean("pinned", pinned));
  }

  private static @Nullable String text(JsonObject change, String field) {
    String text = change.getString(field);
    return text == null || text.isBlank() ? null : text.strip();
  }

  static List<String> tags(JsonArray tags) {
    return tags.stream().map(tag -> tag.toString().strip()).distinct().toList();
  }

  JsonObject toJson() {
    return new JsonObject()
        .put("name", name)
        .put("notes", notes)
        .put("tags", new JsonArray(tags))
        .put("pinned", pinned);
  }
}
