package dev.poolmark.server.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.junit5.VertxExtension;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What may happen to a run, in whichever order it happens. */
@ExtendWith(VertxExtension.class)
class RunStoreTest {

  private static final RunRequest REQUEST = new RunRequest("mean", "sample", 64, 60);

  @TempDir private Path folder;

  @Test
  void aRunThatWasCancelledBeforeItsStartIsNotStarted(Vertx vertx) {
    RunStore store = open(vertx);
    Run run = insert(store);
    assertEquals(RunStatus.CANCELLED, await(store.cancel(run.id())).run().status());
    assertFalse(await(store.start(run.id(), 1)));
    assertFalse(await(store.cancel(run.id())).taken());
    assertEquals(RunStatus.CANCELLED, find(store, run).status());
  }

  @Test
  void aCancelThatWasTakenBeforeTheEndWasKeptIsItsEnd(Vertx vertx) {
    RunStore store = open(vertx);
    for (RunOutcome outcome :
        List.of(RunOutcome.failed("late"), new RunOutcome(RunStatus.DONE, null, null, null))) {
      Run run = insert(store);
      assertTrue(await(store.start(run.id(), 1)));
      Future<RunStore.Cancel> cancel = store.cancel(run.id());
      Future<Run> end = store.finish(run.id(), 1, outcome);
      assertTrue(await(cancel).taken());
      assertEquals(RunStatus.CANCELLED, await(end).status());
    }
  }

  @Test
  void aCancelThatCameAfterTheEndIsToldSo(Vertx vertx) {
    RunStore store = open(vertx);
    Run run = insert(store);
    assertTrue(await(store.start(run.id(), 1)));
    Future<Run> end = store.finish(run.id(), 1, RunOutcome.failed("x"));
    Future<RunStore.Cancel> cancel = store.cancel(run.id());
    assertEquals(RunStatus.FAILED, await(end).status());
    assertFalse(await(cancel).taken());
  }

  @Test
  void aRunThatEndedIsNeverQueuedAgain(Vertx vertx) {
    RunStore store = open(vertx);
    Run run = insert(store);
    assertTrue(await(store.start(run.id(), 1)));
    await(store.finish(run.id(), 1, RunOutcome.failed("x")));
    await(store.requeue(run.id(), 1));
    assertEquals(RunStatus.FAILED, find(store, run).status());
    assertEquals(List.of(), await(store.recover()));
  }

  @Test
  void anAttemptThatWasTakenFromItsLaneKeepsNothing(Vertx vertx) {
    RunStore store = open(vertx);
    Run run = insert(store);
    assertTrue(await(store.start(run.id(), 1)));
    await(store.requeue(run.id(), 1));
    assertEquals(
        RunStatus.QUEUED, await(store.finish(run.id(), 1, RunOutcome.failed("x"))).status());
    assertTrue(await(store.start(run.id(), 2)));
    assertEquals(
        RunStatus.RUNNING, await(store.finish(run.id(), 1, RunOutcome.failed("x"))).status());
    await(store.requeue(run.id(), 1));
    assertEquals(RunStatus.RUNNING, find(store, run).status());
    assertEquals(2, find(store, run).attempt());
  }

  @Test
  void aCancelOutlivesTheServerThatTookIt(Vertx vertx) {
    RunStore store = open(vertx);
    Run run = insert(store);
    assertTrue(await(store.start(run.id(), 1)));
    assertTrue(await(store.cancel(run.id())).taken());
    await(store.close());
    RunStore next = open(vertx);
    assertEquals(List.of(), await(next.recover()));
    assertEquals(RunStatus.CANCELLED, find(next, run).status());
  }

  /** Several hands at once on a few runs, each as often as it likes, in many random orders. */
  @Test
  void noOrderOfEventsBreaksTheRules(Vertx vertx) {
    long seed = Long.getLong("poolmark.seed", System.nanoTime());
    Random random = new Random(seed);
    RunStore store = open(vertx);
    for (int round = 0; round < 60; round++) {
      Run run = insert(store);
      List<Future<?>> events = new ArrayList<>();
      List<Future<RunStore.Cancel>> cancels = new ArrayList<>();
      List<Future<Run>> seen = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        int attempt = 1 + random.nextInt(3);
        switch (random.nextInt(8)) {
          case 0, 1, 2 -> events.add(store.start(run.id(), attempt));
          case 3, 4 -> events.add(store.finish(run.id(), attempt, RunOutcome.failed("end " + i)));
          case 5 -> events.add(store.requeue(run.id(), attempt));
          case 6 -> cancels.add(store.cancel(run.id()));
          default -> events.add(store.recover());
        }
        seen.add(store.find(run.id()).map(Optional::orElseThrow));
      }
      String told = "-Dpoolmark.seed=" + seed + ", round " + round;
      events.forEach(RunStoreTest::await);
      cancels.forEach(RunStoreTest::await);
      checkWay(seen, told);
      checkCancels(store, run, cancels, told);
    }
    await(store.close());
  }

  private static void checkWay(List<Future<Run>> seen, String told) {
    RunStatus before = RunStatus.QUEUED;
    int attempts = 0;
    for (Future<Run> one : seen) {
      Run now = await(one);
      boolean allowed = now.status() == before || now.status().before().contains(before);
      assertTrue(allowed, told + ": " + before + " → " + now.status());
      assertTrue(now.attempt() >= attempts && now.attempt() <= attempts + 1, told);
      assertTrue(now.status() != RunStatus.RUNNING || now.attempt() > 0, told);
      assertEquals(now.status().ended(), now.finishedAt() != null, told);
      before = now.status();
      attempts = now.attempt();
    }
  }

  /** Whoever was told that a cancel is taken gets it, at the latest from the next server. */
  private static void checkCancels(
      RunStore store, Run run, List<Future<RunStore.Cancel>> cancels, String told) {
    boolean taken = cancels.stream().anyMatch(c -> c.succeeded() && c.result().taken());
    if (taken) {
      await(store.recover()); // as the next server does
      assertEquals(RunStatus.CANCELLED, find(store, run).status(), told);
    }
  }

  private RunStore open(Vertx vertx) {
    return await(RunStore.open(vertx, "jdbc:sqlite:" + folder.resolve("runs.db")));
  }

  private static Run insert(RunStore store) {
    return await(store.insert(Run.newId(), REQUEST));
  }

  private static Run find(RunStore store, Run run) {
    return await(store.find(run.id())).orElseThrow();
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
