package dev.poolmark.evaluator.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.evaluator.plugin.BrokenPlugin;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The parent's end, with children that are a few lines of shell. */
@DisabledOnOs(OS.WINDOWS)
class WorkerTest {

  private static final WorkerRequest.Job JOB = new WorkerRequest.Poolers();

  @TempDir private Path folder;
  private final List<BrokenPlugin> told = new ArrayList<>();

  private Worker worker(String script) {
    WorkerProgram program =
        new WorkerProgram(
            List.of(
                "sh",
                "-c",
                "say() { printf '\\0\\0\\0'; printf \"$1\"; printf \"$2\"; }; " + script,
                "child"),
            Map.of("PATH", System.getenv("PATH")),
            folder,
            Long.MAX_VALUE);
    return new Worker(program, List.of(), new BrokenJars(told::add));
  }

  @Test
  void aChildThatEndsIsTheFindingWithItsLastWords() {
    try (Worker worker = worker("echo to nobody; echo oops >&2; exit 7")) {
      WorkerFault fault = fault(worker, Optional.empty());
      assertTrue(
          fault
              .getMessage()
              .startsWith("its process ended: expected it to return, found exit code 7: "),
          fault.getMessage());
      assertTrue(fault.getMessage().contains("oops"), fault.getMessage());
      assertEquals(1, worker.restarts());
    }
  }

  @Test
  void aChildThatHangsIsEndedWithAllThatItStarted() throws Exception {
    String begun = "say '\\020' '{\"type\":\"begun\"}' >&3; ";
    try (Worker worker = worker(begun + "sleep 600 & echo $! >started; wait")) {
      WorkerFault fault = fault(worker, Optional.of(Duration.ofSeconds(1)));
      assertEquals("expected an end within 1 seconds, found it still running", fault.getMessage());
      long started = Long.parseLong(Files.readString(folder.resolve("started")).strip());
      Optional<ProcessHandle> left = ProcessHandle.of(started).filter(ProcessHandle::isAlive);
      if (left.isPresent()) {
        left.get().onExit().get(1, java.util.concurrent.TimeUnit.MINUTES);
      }
    }
  }

  @Test
  void whatIsNoEventEndsTheChild() {
    try (Worker worker = worker("printf 'no event at all' >&3; sleep 600")) {
      assertTrue(fault(worker, Optional.empty()).getMessage().contains("found exit code 137"));
    }
  }

  @Test
  void thePluginThatAChildWasLoadingIsLeftOutOfTheNext() throws Exception {
    Path jar = Files.writeString(folder.resolve("x"), "a jar");
    String loading = "{\"type\":\"loading\",\"plugin\":\"file://" + jar + "\"}";
    String length = String.format(java.util.Locale.ROOT, "\\%03o", loading.length());
    String listed = "{\"type\":\"cancelled\"}";
    String script =
        "if [ -e again ]; then say '\\024' '"
            + listed
            + "' >&3; sleep 600; fi; touch again; "
            + "say '"
            + length
            + "' '"
            + loading
            + "' >&3; exit 3";
    try (Worker worker = worker(script)) {
      assertEquals(new WorkerEvent.Cancelled(), worker.run(JOB, Optional.empty(), event -> {}));
      assertEquals(
          List.of(
              new BrokenPlugin(
                  jar, "a plugin that can be loaded", "that it ended its process: exit code 3")),
          told);
    }
  }

  private static WorkerFault fault(Worker worker, Optional<Duration> limit) {
    return assertThrows(WorkerFault.class, () -> worker.run(JOB, limit, event -> {}));
  }
}
