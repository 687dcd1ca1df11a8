package dev.poolmark.evaluator.worker;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One child: requests go to its standard input, events come from its standard output. Threads of
 * its own carry them, so that nobody waits for a child that doesn't read, and a child that prints
 * without end is never held up.
 */
final class WorkerProcess {

  /** What it prints is kept so far; a finding tells the last of it. */
  private static final int LAST_BYTES = 4096;

  private static final int LAST_LINES = 5;

  /** Of a finding's characters, which is one line. */
  private static final int LONGEST = 300;

  /** What was said before the end may still be on its way. */
  private static final long REST_MILLIS = 2000;

  /** What one hears of the child. */
  sealed interface Heard {}

  record Told(WorkerEvent event) implements Heard {}

  /** It has ended, and there is no more to hear. */
  record Gone(int exitCode) implements Heard {}

  private final Process process;
  private final Started started;
  private final BlockingQueue<WorkerRequest> requests = new LinkedBlockingQueue<>();
  private final BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();
  private final byte[] printed = new byte[LAST_BYTES];
  private long printedBytes;
  private int jobs;

  private WorkerProcess(Process process, Started started) {
    this.process = process;
    this.started = started;
  }

  static WorkerProcess start(WorkerProgram program) {
    try {
      ProcessBuilder builder = program.process();
      Started started = Started.by(builder);
      WorkerProcess child = new WorkerProcess(builder.start(), started);
      Thread events = child.follow("worker-events", child::readEvents);
      Thread output = child.follow("worker-output", child::readPrinted);
      child.follow("worker-requests", child::writeRequests);
      child.process.onExit().thenAccept(ended -> child.gone(ended, events, output));
      return child;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Thread follow(String name, Runnable work) {
    Thread thread = new Thread(work, name + "-" + process.pid());
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** Sends a request; a child that is already gone is noticed by its end, not here. */
  void send(WorkerRequest request) {
    requests.add(request);
  }

  /**
   * Sends a job.
   *
   * @return its number, as a cancel names it
   */
  synchronized int sendJob(WorkerRequest.Job job) {
    if (jobs > 0) {
      printedBytes = 0; // the words of an earlier job are no finding of this one
    }
    send(job);
    jobs++;
    return jobs;
  }

  /** What it said next; null where it says nothing for so long. */
  @Nullable Heard next(Duration wait) throws InterruptedException {
    return heard.poll(Math.max(0, wait.toMillis()), TimeUnit.MILLISECONDS);
  }

  private void writeRequests() {
    try (OutputStream input = process.getOutputStream()) {
      while (process.isAlive()) {
        WorkerRequest request = requests.poll(1, TimeUnit.SECONDS);
        if (request != null) {
          Wire.write(request, input);
        }
      }
    } catch (IOException e) {
      // It takes no more requests, and will be gone in a moment.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void readEvents() {
    try (InputStream events = new BufferedInputStream(process.getInputStream())) {
      for (WorkerEvent event = Wire.read(events, WorkerEvent.class);
          event != null;
          event = Wire.read(events, WorkerEvent.class)) {
        heard.add(new Told(event));
      }
      // To end a process closes its streams, and its last words are still in one of them.
      process.waitFor(REST_MILLIS, TimeUnit.MILLISECONDS);
    } catch (IOException e) {
      // What comes is no event: it can't be talked to any more.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (process.isAlive()) {
      kill();
    }
  }

  private void readPrinted() {
    byte[] buffer = new byte[LAST_BYTES];
    try (InputStream errors = process.getErrorStream()) {
      for (int count = errors.read(buffer); count >= 0; count = errors.read(buffer)) {
        keep(buffer, count);
      }
    } catch (IOException e) {
      // It prints no more.
    }
  }

  private synchronized void keep(byte[] bytes, int count) {
    int free = LAST_BYTES - count;
    System.arraycopy(printed, count, printed, 0, free);
    System.arraycopy(bytes, 0, printed, free, count);
    printedBytes += count;
  }

  /** The last lines that it printed since the newest job but the first was sent. */
  List<String> lastLines() {
    byte[] last;
    synchronized (this) {
      int kept = (int) Math.min(printedBytes, LAST_BYTES);
      last = Arrays.copyOfRange(printed, LAST_BYTES - kept, LAST_BYTES);
    }
    return new String(last, StandardCharsets.UTF_8)
        .lines()
        .map(line -> line.replaceAll("\\p{C}", " ").stripTrailing())
        .filter(line -> !line.isEmpty())
        .toList();
  }

  /** The last lines that it printed, as one. */
  String lastWords() {
    List<String> lines =
        lastLines().stream()
            .map(String::strip)
            // A JVM that crashes tells pages of how to report it.
            .filter(line -> !line.startsWith("#"))
            .toList();
    String words =
        String.join(" ", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
    return words.substring(Math.max(0, words.length() - LONGEST));
  }

  private void gone(Process ended, Thread events, Thread output) {
    started.end(ended.toHandle());
    try {
      events.join(REST_MILLIS);
      output.join(REST_MILLIS / 10);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    heard.add(new Gone(ended.exitValue()));
  }

  /** The end of its requests is its end. */
  void end() {
    try {
      process.getOutputStream().close();
    } catch (IOException e) {
      kill();
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Ends it and whatever it has started, at once. */
  void kill() {
    List<ProcessHandle> descendants = process.descendants().toList();
    process.destroyForcibly();
    descendants.forEach(ProcessHandle::destroyForcibly);
    started.end(process.toHandle());
  }

  /** Bytes of memory that are the child's own, not a mapped file's; 0 where unknown. */
  long memoryBytes() {
    try {
      Path status = Path.of("/proc", String.format(Locale.ROOT, "%d", process.pid()), "status");
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
}
