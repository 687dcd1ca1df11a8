package dev.poolmark.server.run;

import dev.poolmark.evaluator.worker.WorkerEvent;
import io.vertx.core.json.JsonObject;

/** The messages that watchers of a run get. */
final class RunMessages {

  private RunMessages() {}

  static JsonObject queued(RunStore.Waiting waiting) {
    JsonObject message = message("queued", waiting.run().id()).put("position", waiting.position());
    return waiting.obstacle() == null ? message : message.put("obstacle", waiting.obstacle());
  }

  static JsonObject running(String id) {
    return message("progress", id).put("phase", "starting");
  }

  /** It is scored, and ends when its result is committed. */
  static JsonObject storing(String id) {
    return message("progress", id).put("phase", "storing");
  }

  /** A worker's progress, with the run's id. */
  static JsonObject progress(String id, WorkerEvent.Running running) {
    return message("progress", id).mergeIn(new JsonObject(running.progress().toString()));
  }

  /** What nodes tell each other of a run's end; how it ended is in the database. */
  static JsonObject ended(String id) {
    return message("ended", id);
  }

  static boolean tellsEnd(JsonObject message) {
    return "ended".equals(message.getString("type"));
  }

  static JsonObject end(Run run) {
    JsonObject message = message(run.status().text(), run.id());
    if (run.report() != null) {
      message.put("report", run.report());
    }
    return run.error() == null ? message : message.put("error", run.error());
  }

  private static JsonObject message(String type, String id) {
    return new JsonObject().put("type", type).put("id", id);
  }
}
