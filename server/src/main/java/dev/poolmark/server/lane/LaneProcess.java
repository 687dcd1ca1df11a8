package dev.poolmark.server.lane;

import io.vertx.core.Context;
import io.vertx.core.Handler;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One child: requests go to its standard input as JSON lines, events come from its standard output.
 * What it says is handed over on the context that started it.
 */
final class LaneProcess {

  private static final Logger LOG = LoggerFactory.getLogger(LaneProcess.class);
  private static final int LAST_LINES = 5;

  private final Process process;
  private final BlockingQueue<JsonObject> requests = new LinkedBlockingQueue<>();
  private final Deque<String> lastErrors = new ArrayDeque<>();

  private LaneProcess(Process process) {
    this.process = process;
  }

  /**
   * Starts a child.
   *
   * @param onExit gets the exit code, after the last event
   */
  static LaneProcess start(
      LaneProgram command, Context context, Handler<JsonObject> onEvent, Handler<Integer> onExit) {
    ProcessBuilder builder =
        new ProcessBuilder(command.words()).directory(command.folder().toFile());
    builder.environment().putAll(command.environment());
    try {
      LaneProcess lane = new LaneProcess(builder.start());
      lane.follow("lane-events", () -> lane.readEvents(context, onEvent, onExit));
      lane.follow("lane-errors", lane::readErrors);
      lane.follow("lane-requests", lane::writeRequests);
      return lane;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends one request; a child that is already gone is noticed by its exit, not here. */
  void send(JsonObject request) {
    requests.add(request);
  }

  /** On a thread of its own: nobody is to wait for a child that takes its time to read. */
  private void writeRequests() {
    try (OutputStream input = process.getOutputStream()) {
      while (process.isAlive()) {
        JsonObject request = requests.poll(1, TimeUnit.SECONDS);
        if (request != null) {
          input.write((request.encode() + "\n").getBytes(StandardCharsets.UTF_8));
          input.flush();
        }
      }
    } catch (IOException e) {
      LOG.debug("lane {} takes no more requests", process.pid(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  void kill() {
    process.destroyForcibly();
  }

  /** The last lines of its standard error, as one. */
  String lastWords() {
    synchronized (lastErrors) {
      return String.join(" ", lastErrors);
    }
  }

  /** Bytes of memory that are the child's own, not a mapped file's; 0 where unknown. */
  long memoryBytes() {
    try {
      Path status = Path.of("/proc", Long.toString(process.pid()), "status");
      for (String line : Files.readAllLines(status)) {
        if (line.startsWith("RssAnon:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
        }
      }
    } catch (IOException e) {
      return 0;
    }
    return 0;
  }

  private void follow(String name, Runnable reading) {
    Thread thread = new Thread(reading, name + "-" + process.pid());
    thread.setDaemon(true);
    thread.start();
  }

  private void readEvents(Context context, Handler<JsonObject> onEvent, Handler<Integer> onExit) {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonObject event = event(line);
        if (event != null) {
          tell(context, () -> onEvent.handle(event));
        }
      }
    } catch (IOException e) {
      LOG.debug("lane {} is silent", process.pid(), e);
    }
    int exit = exitCode();
    tell(context, () -> onExit.handle(exit));
  }

  private void tell(Context context, Runnable telling) {
    try {
      context.runOnContext(unused -> telling.run());
    } catch (RejectedExecutionException e) {
      LOG.debug("lane {} outlives the server", process.pid(), e);
    }
  }

  /** An event, or null: native code of a pooler may print to the same standard output. */
  private static JsonObject event(String line) {
    try {
      JsonObject event = line.startsWith("{") ? new JsonObject(line) : null;
      return event == null || event.getString("type") == null ? null : event;
    } catch (DecodeException | ClassCastException e) {
      return null;
    }
  }

  private int exitCode() {
    try {
      // Standard output may have been closed by a child that lives on.
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      return process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return -1;
    }
  }

  private void readErrors() {
    try (BufferedReader lines = process.errorReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        LOG.debug("lane {}: {}", process.pid(), line);
        synchronized (lastErrors) {
          lastErrors.addLast(line.strip());
          if (lastErrors.size() > LAST_LINES) {
            lastErrors.removeFirst();
          }
        }
      }
    } catch (IOException e) {
      LOG.debug("lane {} is silent", process.pid(), e);
    }
  }
}
