package dev.poolmark.server.text;

import io.vertx.core.json.JsonObject;

/**
 * How a text is to be read.
 *
 * @param truncate whether it is cut where it is too long; else it is refused
 * @param left whether it is cut at its start rather than its end
 * @param prompt the name of the model's prompt that it is put behind; null for that of its role
 * @param role decides on the prompt where none is named
 * @param all whether an embedding is wanted for each token rather than one for the text
 */
public record TextHandling(boolean truncate, boolean left, String prompt, Role role, boolean all) {

  /** What a text is to the model, which may have a prompt for it. */
  public enum Role {
    ANY,
    QUERY,
    DOCUMENT
  }

  JsonObject toJson() {
    JsonObject json = new JsonObject();
    if (truncate) {
      json.put("truncate", true).put("truncation_direction", left ? "left" : "right");
    }
    if (prompt != null) {
      json.put("prompt", prompt);
    } else if (role != Role.ANY) {
      json.put("role", role == Role.QUERY ? "query" : "document");
    }
    return all ? json.put("all", true) : json;
  }
}
