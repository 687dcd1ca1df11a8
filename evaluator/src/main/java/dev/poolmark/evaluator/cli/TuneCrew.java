package dev.poolmark.evaluator.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poolmark.evaluator.tuning.Crew;
import dev.poolmark.evaluator.tuning.TrialTask;
import dev.poolmark.evaluator.worker.BrokenJars;
import dev.poolmark.evaluator.worker.Worker;
import dev.poolmark.evaluator.worker.WorkerEvent;
import dev.poolmark.evaluator.worker.WorkerFault;
import dev.poolmark.evaluator.worker.WorkerProgram;
import dev.poolmark.evaluator.worker.WorkerRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

/** Worker processes, one a core, each with one thread: a pooler that ends one costs its trial. */
final class TuneCrew implements Crew, AutoCloseable {

  /** Records also write what follows from their parts, which is not read. */
  private static final ObjectMapper JSON =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  private final List<String> arguments;
  private final List<Worker> workers = new ArrayList<>();
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "tune-clock");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * @param arguments of the tuning, which its trials share
   */
  TuneCrew(int size, WorkerProgram program, List<String> arguments, BrokenJars broken) {
    this.arguments = List.copyOf(arguments);
    for (int i = 0; i < size; i++) {
      workers.add(new Worker(program, List.of(), broken));
    }
    workers.get(0).warm();
  }

  @Override
  public int size() {
    return workers.size();
  }

  @Override
  public <T> T run(int member, TrialTask task, Class<T> answer, Duration limit) {
    Worker worker = workers.get(member);
    StringBuilder out = new StringBuilder();
    StringBuilder err = new StringBuilder();
    List<WorkerEvent.Trying> tried = new ArrayList<>();
    AtomicBoolean late = new AtomicBoolean();
    Future<?> end =
        clock.schedule(
            () -> {
              late.set(true);
              worker.cancel();
            },
            limit.toMillis(),
            TimeUnit.MILLISECONDS);
    try {
      WorkerRequest.Command command =
          new WorkerRequest.Command(words(task), ProgressMode.isTerminal(), List.of());
      WorkerEvent.Last last =
          worker.run(
              command,
              Optional.empty(),
              event -> {
                if (event instanceof WorkerEvent.Printed printed) {
                  (printed.error() ? err : out).append(printed.text());
                } else if (event instanceof WorkerEvent.Trying trying) {
                  tried.add(trying);
                }
              });
      return answer(last, out.toString(), err.toString(), answer);
    } catch (CancellationException e) {
      throw late.get() ? new TimeOver(lastOf(tried).map(WorkerEvent.Trying::pooler)) : e;
    } catch (WorkerFault fault) {
      throw lost(Objects.requireNonNull(fault.getMessage()), tried);
    } finally {
      end.cancel(false);
    }
  }

  /** The process is gone, by the pooler that it was told to try last. */
  private static TaskFault lost(String finding, List<WorkerEvent.Trying> tried) {
    String prefix = lastOf(tried).map(blamed -> blamed.plugin() + ": ").orElse("");
    return new TaskFault(
        prefix + finding, ExitCode.PLUGIN_FAULT, lastOf(tried).map(WorkerEvent.Trying::pooler));
  }

  private static Optional<WorkerEvent.Trying> lastOf(List<WorkerEvent.Trying> tried) {
    return tried.isEmpty() ? Optional.empty() : Optional.of(tried.get(tried.size() - 1));
  }

  private static <T> T answer(WorkerEvent.Last last, String out, String err, Class<T> answer) {
    if (last instanceof WorkerEvent.Finished finished) {
      if (finished.exitCode() == ExitCode.INTERRUPTED) {
        throw new CancellationException("interrupted");
      } else if (finished.exitCode() != ExitCode.DONE) {
        throw new TaskFault(lastLine(err), finished.exitCode());
      }
      try {
        return JSON.readValue(out, answer);
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("a task answers with JSON", e);
      }
    } else if (last instanceof WorkerEvent.Failed failed) {
      throw new TaskFault(failed.error(), ExitCode.FAILED);
    }
    throw new CancellationException("interrupted");
  }

  private static String lastLine(String err) {
    String[] lines = err.strip().split("\\R");
    return lines[lines.length - 1].replaceFirst("^poolmark: ", "");
  }

  private List<String> words(TrialTask task) {
    try {
      String json = JSON.writerFor(TrialTask.class).writeValueAsString(task);
      return Stream.of(List.of("trial"), arguments, List.of("--task", json))
          .flatMap(List::stream)
          .toList();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a task is made of plain values", e);
    }
  }

  @Override
  public void cancel() {
    workers.forEach(Worker::cancel);
  }

  @Override
  public void close() {
    clock.shutdownNow();
    workers.forEach(Worker::close);
  }
}
