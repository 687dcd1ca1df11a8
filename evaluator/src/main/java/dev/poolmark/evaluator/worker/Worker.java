package dev.poolmark.evaluator.worker;

import dev.poolmark.evaluator.worker.WorkerProcess.Gone;
import dev.poolmark.evaluator.worker.WorkerProcess.Heard;
import dev.poolmark.evaluator.worker.WorkerProcess.Told;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One place where poolers run: a child process that is kept warm between jobs and replaced after a
 * fault. One job at a time, on the thread that asks; {@link #cancel} and {@link #close} may come
 * from any other.
 *
 * <p>A plugin that ends or holds up the process that loads it is known by its jar from then on, and
 * the job begins in a new process without it.
 */
public final class Worker implements AutoCloseable {

  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration LOAD_LIMIT = Duration.ofSeconds(10);
  private static final Duration CANCEL_GRACE = Duration.ofSeconds(5);
  private static final Duration LOOK = Duration.ofMillis(200);

  private final WorkerProgram program;
  private final List<Path> plugins;
  private final BrokenJars broken;
  private @Nullable WorkerProcess process;

  /** The process of the newest job, also when it is gone. */
  private @Nullable WorkerProcess newest;

  private @Nullable Watch watch;
  private List<BrokenJar> leftOut = List.of();
  private int restarts;
  private boolean closed;

  /**
   * @param plugins folders of plugins
   * @param broken what is known of them, shared with other workers
   */
  public Worker(WorkerProgram program, List<Path> plugins, BrokenJars broken) {
    this.program = program;
    this.plugins = List.copyOf(plugins);
    this.broken = broken;
  }

  /** Starts the child ahead of its first job. */
  public synchronized void warm() {
    warmed();
  }

  private synchronized WorkerProcess warmed() {
    if (closed) {
      throw new CancellationException("closed");
    }
    if (process != null && !process.isAlive()) {
      forget(); // it died between two jobs
    }
    if (process == null) {
      process = WorkerProcess.start(program);
      leftOut = broken.all();
      process.send(new WorkerRequest.Setup(plugins, leftOut));
    }
    return process;
  }

  /**
   * Runs one job.
   *
   * @param limit how long it may take, without the start of the child and of its plugins
   * @param listener gets the events of its way, on this thread
   * @throws WorkerFault when the child dies or is killed
   */
  public WorkerEvent.Last run(
      WorkerRequest.Job job, Optional<Duration> limit, Consumer<WorkerEvent> listener) {
    Watch current = new Watch(limit, listener);
    watch = current;
    try {
      while (true) {
        Optional<WorkerEvent.Last> last = current.follow(job);
        if (last.isPresent()) {
          // What earlier jobs leaked must not be held against the next one.
          if (memoryBytes() > program.memoryBytes() / 2) {
            replace();
          }
          return last.get();
        }
      }
    } finally {
      synchronized (this) {
        watch = null;
      }
    }
  }

  /** The time of one job, and how far its child is. */
  private final class Watch {

    private final Optional<Duration> limit;
    private final Consumer<WorkerEvent> listener;
    private @Nullable WorkerProcess child;
    private int number;
    private volatile boolean begun;
    private volatile boolean cancelled;
    private long nextLook;
    private Optional<Path> loading = Optional.empty();
    private Optional<Long> deadline = Optional.empty();

    Watch(Optional<Duration> limit, Consumer<WorkerEvent> listener) {
      this.limit = limit;
      this.listener = listener;
    }

    /** The job's end; none where it has not begun and a new child must be asked. */
    Optional<WorkerEvent.Last> follow(WorkerRequest.Job job) {
      send(job);
      while (true) {
        @Nullable Heard heard = next();
        if (heard instanceof Gone gone) {
          forget();
          if (number > 1 && !begun && loading.isEmpty()) {
            return Optional.empty(); // it was on its way out, and has not seen this job
          }
          return ended(
              "its process ended: expected it to return, found " + ending(gone),
              "a plugin that can be loaded",
              "that it ended its process: " + ending(gone));
        } else if (heard instanceof Told told) {
          if (told.event() instanceof WorkerEvent.Last last) {
            return Optional.of(last);
          }
          take(told.event());
        }
        if (isOver()) {
          replace();
          return ended(
              String.format(
                  Locale.ROOT,
                  "expected an end within %s seconds, found it still running",
                  seconds(begun ? limit.orElse(START_LIMIT) : START_LIMIT)),
              String.format(
                  Locale.ROOT, "a plugin that is loaded within %s seconds", seconds(LOAD_LIMIT)),
              "it still loading");
        }
        checkMemory();
      }
    }

    /** The child is gone: by a cancel, by a plugin that it was loading, or by its job. */
    private Optional<WorkerEvent.Last> ended(
        String finding, String expectedOfPlugin, String foundOfPlugin) {
      if (cancelled) {
        return Optional.of(new WorkerEvent.Cancelled());
      }
      if (loading.isEmpty() || isLeftOut(loading.get())) {
        throw new WorkerFault(finding);
      }
      broken.blame(loading.get(), expectedOfPlugin, foundOfPlugin);
      return Optional.empty();
    }

    private void send(WorkerRequest.Job job) {
      synchronized (Worker.this) {
        WorkerProcess warmed = warmed();
        child = warmed;
        newest = warmed;
        number = warmed.sendJob(job);
        if (cancelled) {
          warmed.send(new WorkerRequest.Cancel(number));
        }
      }
      begun = false;
      loading = Optional.empty();
      setDeadline(Optional.of(START_LIMIT));
    }

    private WorkerProcess child() {
      return Objects.requireNonNull(child, "no job is sent");
    }

    private void take(WorkerEvent event) {
      if (event instanceof WorkerEvent.Loading plugin) {
        loading = Optional.of(plugin.plugin());
        setDeadline(Optional.of(LOAD_LIMIT));
        listener.accept(event);
      } else if (event instanceof WorkerEvent.Begun) {
        loading = Optional.empty();
        begun = true;
        setDeadline(cancelled ? Optional.of(CANCEL_GRACE) : limit);
      } else {
        listener.accept(event);
      }
    }

    private @Nullable Heard next() {
      try {
        return child().next(LOOK);
      } catch (InterruptedException e) {
        replace();
        throw new CancellationException("interrupted");
      }
    }

    private synchronized void setDeadline(Optional<Duration> time) {
      deadline = time.map(duration -> System.nanoTime() + duration.toNanos());
    }

    private synchronized boolean isOver() {
      return deadline.isPresent() && System.nanoTime() - deadline.get() > 0;
    }

    void cancel() {
      synchronized (Worker.this) {
        if (!cancelled) {
          cancelled = true;
          if (child != null) {
            child.send(new WorkerRequest.Cancel(number));
          }
          if (begun) {
            setDeadline(Optional.of(CANCEL_GRACE));
          }
        }
      }
    }

    private String ending(Gone gone) {
      String words = child().lastWords();
      return String.format(
          Locale.ROOT, "exit code %d%s", gone.exitCode(), words.isEmpty() ? "" : ": " + words);
    }

    private void checkMemory() {
      if (System.nanoTime() - nextLook < 0) {
        return;
      }
      nextLook = System.nanoTime() + LOOK.toNanos();
      long bytes = child().memoryBytes();
      if (bytes > program.memoryBytes()) {
        replace();
        throw new WorkerFault(
            String.format(
                Locale.ROOT,
                "expected at most %d MiB of memory, found %d MiB",
                program.memoryBytes() >> 20,
                bytes >> 20));
      }
    }
  }

  /** Whether the child was told not to load a plugin as it is. */
  private synchronized boolean isLeftOut(Path plugin) {
    return leftOut.stream()
        .anyMatch(jar -> jar.plugin().equals(plugin) && jar.stamp().equals(Plugins.stamp(plugin)));
  }

  private static String seconds(Duration limit) {
    return limit.toMillis() % 1000 == 0
        ? Long.toString(limit.toSeconds())
        : Double.toString(limit.toMillis() / 1000.0);
  }

  /** Ends the job between two batches, or by force where the child doesn't get there. */
  public synchronized void cancel() {
    if (watch != null) {
      watch.cancel();
    }
  }

  /** Ends the child, for a new one at the next job: a pooler in it may have done harm. */
  public synchronized void replace() {
    if (process != null) {
      process.kill();
      forget();
    }
  }

  private synchronized void forget() {
    process = null;
    restarts++;
  }

  private synchronized long memoryBytes() {
    return process == null ? 0 : process.memoryBytes();
  }

  /** The last lines that the child of the newest job printed, as far as they are of that job. */
  public synchronized List<String> log() {
    return newest == null ? List.of() : newest.lastLines();
  }

  /** How often the child had to be replaced. */
  public synchronized int restarts() {
    return restarts;
  }

  /** Lets a child that has nothing to do end by itself, which nobody has to wait for. */
  public synchronized void end() {
    closed = true;
    if (process != null) {
      process.end();
    }
  }

  /** Ends the child for good; a job that it is at ends as cancelled. */
  @Override
  public synchronized void close() {
    closed = true;
    if (watch != null) {
      watch.cancelled = true;
    }
    if (process != null) {
      process.kill();
    }
  }
}
