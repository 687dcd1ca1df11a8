package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.worker.BrokenJars;
import dev.poolmark.evaluator.worker.MachineMemory;
import dev.poolmark.evaluator.worker.Worker;
import dev.poolmark.evaluator.worker.WorkerEvent;
import dev.poolmark.evaluator.worker.WorkerFault;
import dev.poolmark.evaluator.worker.WorkerProgram;
import dev.poolmark.evaluator.worker.WorkerRequest;
import dev.poolmark.evaluator.worker.WorkerRequest.Row;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Runs a command in a child process and prints what it prints. A pooler that ends, holds up or eats
 * up that process costs its own row: the command goes on in a new one, which is told of the rows so
 * far. This process loads no plugin and no engine.
 */
final class WorkerRelay {

  private static final String NOWHERE =
      System.getProperty("os.name").startsWith("Windows") ? "NUL" : "/dev/null";

  /** What a command that is cancelled may take to come to its end. */
  private static final long GRACE_SECONDS = 5;

  private final Commands.Place place;
  private final PrintWriter out;
  private final PrintWriter err;
  private final Worker worker;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final List<Row> rows = new ArrayList<>();
  private Optional<WorkerEvent.Trying> trying = Optional.empty();

  WorkerRelay(Commands.Place place, PrintWriter out, PrintWriter err) {
    this.place = place;
    this.out = out;
    this.err = err;
    BrokenJars broken = new BrokenJars(jar -> err.println("poolmark: " + jar + "; it is left out"));
    worker = new Worker(program(place), List.of(), broken);
  }

  /** A pooler that takes more than three quarters of the memory would take it from everybody. */
  private static WorkerProgram program(Commands.Place place) {
    return program(place == Commands.Place.WORKER_WITH_ENGINE ? List.of("--engine") : List.of());
  }

  /** How this distribution's workers are started. */
  static WorkerProgram program(List<String> options) {
    return WorkerProgram.of(
            Path.of(System.getProperty("poolmark.home")), options, MachineMemory.ofAChild())
        .withJavaOptions("-XX:ErrorFile=" + NOWHERE);
  }

  /** Returns the command's exit code. */
  int run(String[] arguments) {
    worker.warm();
    Runtime.getRuntime().addShutdownHook(new Thread(this::interrupted));
    try {
      while (true) {
        Optional<Integer> exitCode = attempt(seenFromAnotherProcess(arguments));
        if (exitCode.isPresent()) {
          return exitCode.get();
        }
      }
    } finally {
      worker.end();
      ended.countDown();
    }
  }

  /** This process's own files, as of {@code <(command)}, have another name in the child. */
  private static List<String> seenFromAnotherProcess(String[] arguments) {
    Path here = Path.of("/proc", Long.toString(ProcessHandle.current().pid()), "fd");
    if (!Files.isDirectory(here)) {
      return List.of(arguments);
    }
    return Stream.of(arguments)
        .map(word -> word.replaceFirst("(^|=)/dev/stdin$", "$1/dev/fd/0"))
        .map(word -> word.replaceFirst("(^|=)/dev/stdout$", "$1/dev/fd/1"))
        .map(word -> word.replaceFirst("(^|=)/dev/stderr$", "$1/dev/fd/2"))
        .map(word -> word.replaceFirst("(^|=)/(dev|proc/self)/fd/(\\d+)$", "$1" + here + "/$3"))
        .toList();
  }

  /** One process's share of the command; its exit code, where that was the last of it. */
  private Optional<Integer> attempt(List<String> arguments) {
    trying = Optional.empty();
    try {
      WorkerRequest.Command command =
          new WorkerRequest.Command(arguments, ProgressMode.isTerminal(), rows);
      WorkerEvent.Last last = worker.run(command, Optional.empty(), this::hear);
      if (last instanceof WorkerEvent.Finished finished) {
        return Optional.of(finished.exitCode());
      } else if (last instanceof WorkerEvent.Unfinished) {
        worker.replace();
        return Optional.empty();
      } else if (last instanceof WorkerEvent.Failed failed) {
        err.println("poolmark: a bug of Poolmark, please report it: " + failed.error());
        return Optional.of(ExitCode.FAILED);
      }
      return Optional.of(ExitCode.INTERRUPTED);
    } catch (WorkerFault fault) {
      return lost(Objects.requireNonNull(fault.getMessage()));
    }
  }

  private void hear(WorkerEvent event) {
    if (event instanceof WorkerEvent.Printed printed) {
      PrintWriter to = printed.error() ? err : out;
      to.print(printed.text());
      to.flush();
    } else if (event instanceof WorkerEvent.Trying next) {
      trying = Optional.of(next);
    } else if (event instanceof WorkerEvent.Tried tried) {
      rows.add(new Row(tried.pooler(), tried.result(), null));
      trying = Optional.empty();
    }
  }

  private Optional<Integer> lost(String finding) {
    if (trying.isEmpty()) {
      err.println("poolmark: " + finding);
      return Optional.of(ExitCode.PLUGIN_FAULT);
    }
    WorkerEvent.Trying blamed = trying.get();
    err.println(
        String.format(
            Locale.ROOT,
            "poolmark: pooler '%s' of %s: %s",
            blamed.pooler(),
            blamed.plugin(),
            finding));
    rows.add(new Row(blamed.pooler(), null, blamed.plugin() + ": " + finding));
    return blamed.alone() ? Optional.of(ExitCode.PLUGIN_FAULT) : Optional.empty();
  }

  /** On Ctrl-C, before this process ends. */
  private void interrupted() {
    if (ended.getCount() == 0) {
      return;
    }
    if (place == Commands.Place.WORKER_THAT_IS_CANCELLED) {
      worker.cancel();
      try {
        ended.await(GRACE_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      err.flush();
    }
    worker.close();
  }
}
