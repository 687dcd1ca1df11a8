package dev.poolmark.server.run;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What nodes call to each other so that nobody has to wait for the next look into the database.
 * Each word may be lost: nothing depends on it but the time that something takes.
 */
final class RunBus {

  private static final String WAITING = "poolmark.runs.waiting";
  private static final String CANCEL = "poolmark.runs.cancel";
  private static final String OF_RUN = "poolmark.run.";

  private final EventBus bus;
  private final boolean shares;
  private final Map<String, MessageConsumer<JsonObject>> followed = new HashMap<>();

  /**
   * @param shares whether there may be other nodes; where not, nothing is said
   */
  RunBus(Vertx vertx, boolean shares) {
    this.bus = vertx.eventBus();
    this.shares = shares;
  }

  /**
   * Hears the others.
   *
   * @param onWaiting a run waits that they don't take at once
   * @param onCancel somebody asks for the end of a run, by its id
   */
  void listen(Runnable onWaiting, Consumer<String> onCancel) {
    if (shares) {
      bus.consumer(WAITING, message -> onWaiting.run());
      bus.<String>consumer(CANCEL, message -> onCancel.accept(message.body()));
    }
  }

  void tellWaiting() {
    publish(WAITING, "");
  }

  void tellCancel(String id) {
    publish(CANCEL, id);
  }

  /** Tells who follows a run on other nodes. */
  void tell(String id, JsonObject message) {
    publish(OF_RUN + id, message);
  }

  private void publish(String address, Object message) {
    if (shares) {
      bus.publish(address, message);
    }
  }

  /** Hears what the node tells that has the run. */
  void follow(String id, Handler<JsonObject> onMessage) {
    if (shares) {
      followed.computeIfAbsent(
          id,
          run -> bus.consumer(OF_RUN + run, message -> onMessage.handle(message.body().copy())));
    }
  }

  void leave(String id) {
    MessageConsumer<JsonObject> consumer = followed.remove(id);
    if (consumer != null) {
      consumer.unregister();
    }
  }
}
