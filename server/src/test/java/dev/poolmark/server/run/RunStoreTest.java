package dev.poolmark.server.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.evaluator.worker.WorkerRequest.Timing;
import dev.poolmark.server.Wait;
import dev.poolmark.server.stock.Needs;
import dev.poolmark.server.store.Database;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What may happen to a run, in whichever order it happens. */
@ExtendWith(VertxExtension.class)
class RunStoreTest {

  private static final Claimant NODE = new Claimant("here", "a machine", Optional.empty());
  private static final RunRequest REQUEST =
      new RunRequest("mean", "sample", 64, Timing.DEFAULT, 60, null);

  @TempDir private Path folder;

  @Test
  void aRunThatWasCancelledBeforeItsStartIsNotStarted(Vertx vertx) {
    RunStore store = open(vertx);
    Run run = insert(store);
    assertEquals(RunStatus.CANCELLED, await(store.cancel(run.id())).run().status());
    assertTrue(await(store.claim(NODE)).isEmpty());
    assertFalse(await(store.cancel(run.id())).taken());
    assertEquals(RunStatus.CANCELLED, find(store, run).status());
  }

  @Test
  void aCancelThatWasTakenBeforeTheEndWasKeptIsItsEnd(Vertx vertx) {
    RunStore store = open(vertx);
    for (RunOutcome outcome :
        List.of(
            RunOutcome.failed("late"),
            new RunOutcome(RunStatus.DONE, null, null, null, null, null))) {
      Run run = claimed(store);
      Future<RunStore.Cancel> cancel = store.cancel(run.id());
      Future<Run> end = store.finish(run, outcome);
      assertTrue(await(cancel).taken());
      assertEquals(RunStatus.CANCELLED, await(end).status());
    }
  }

  @Test
  void aCancelThatCameAfterTheEndIsToldSo(Vertx vertx) {
    RunStore store = open(vertx);
    Run run = claimed(store);
    Future<Run> end = store.finish(run, RunOutcome.failed("x"));
    Future<RunStore.Cancel> cancel = store.cancel(run.id());
    assertEquals(RunStatus.FAILED, await(end).status());
    assertFalse(await(cancel).taken());
  }

  @Test
  void aRunThatEndedIsNeverQueuedAgain(Vertx vertx) {
    RunStore store = open(vertx);
    Run run = claimed(store);
    await(store.finish(run, RunOutcome.failed("x")));
    await(store.requeue(run));
    assertEquals(RunStatus.FAILED, find(store, run).status());
    await(store.recover(NODE));
    assertTrue(await(store.claim(NODE)).isEmpty());
  }

  @Test
  void anAttemptThatWasTakenFromItsLaneKeepsNothing(Vertx vertx) {
    RunStore store = open(vertx);
    Run first = claimed(store);
    await(store.requeue(first));
    assertEquals(RunStatus.QUEUED, await(store.finish(first, RunOutcome.failed("x"))).status());
    Run second = await(store.claim(NODE)).orElseThrow();
    assertEquals(RunStatus.RUNNING, await(store.finish(first, RunOutcome.failed("x"))).status());
    await(store.requeue(first));
    assertEquals(RunStatus.RUNNING, find(store, first).status());
    assertEquals(2, second.attempt());
  }

  @Test
  void runsAreClaimedInTheirOrderOfArrivalAndKeepTheirPlace(Vertx vertx) {
    RunStore store = open(vertx);
    List<String> arrived = List.of(insert(store).id(), insert(store).id(), insert(store).id());
    Run first = await(store.claim(NODE)).orElseThrow();
    assertEquals(arrived.get(0), first.id());
    assertEquals(1, await(store.waiting(find(store, arrived.get(2)), NODE)).position());
    await(store.requeue(first));
    assertEquals(2, await(store.waiting(find(store, arrived.get(2)), NODE)).position());
    for (String id : arrived) {
      assertEquals(id, await(store.claim(NODE)).orElseThrow().id());
    }
    assertTrue(await(store.claim(NODE)).isEmpty());
  }

  @Test
  void aClaimThatGotNoAnswerIsGivenBack(Vertx vertx) {
    RunStore store = open(vertx);
    Run known = claimed(store);
    Run unheard = claimed(store);
    await(store.release(NODE, List.of(known)));
    assertEquals(RunStatus.RUNNING, find(store, known).status());
    assertEquals(RunStatus.QUEUED, find(store, unheard).status());
    await(store.release(NODE, List.of()));
    assertEquals(RunStatus.QUEUED, find(store, known).status());
  }

  @Test
  void aCancelOutlivesTheServerThatTookIt(Vertx vertx) {
    RunStore store = open(vertx);
    Run run = claimed(store);
    assertTrue(await(store.cancel(run.id())).taken());
    RunStore next = open(vertx);
    await(next.recover(NODE));
    assertTrue(await(next.claim(NODE)).isEmpty());
    assertEquals(RunStatus.CANCELLED, find(next, run).status());
  }

  @Test
  void aNodeThatComesBackLateChangesNothing(Vertx vertx) throws Exception {
    RunStore store = open(vertx);
    Claimant slow = new Claimant("slow", "a machine", Optional.of(Duration.ofMillis(1)));
    Claimant other = new Claimant("other", "a machine", Optional.of(Duration.ofMinutes(1)));
    insert(store);
    Run late = await(store.claim(slow)).orElseThrow();
    Wait.until("the lease to end", () -> await(store.expire(slow)) == 1);
    Run taken = await(store.claim(other)).orElseThrow();
    assertEquals(2, taken.attempt());
    assertEquals(0, await(store.expire(slow)));
    assertEquals(List.of(), await(store.renew(slow, Map.of(late, Optional.empty()))));
    assertEquals("other", await(store.finish(late, RunOutcome.failed("late"))).node());
    await(store.requeue(late));
    await(store.release(slow, List.of()));
    JsonObject progress = new JsonObject().put("pairs", 3);
    Run kept = await(store.renew(other, Map.of(taken, Optional.of(progress)))).get(0);
    assertEquals(progress, kept.progress());
    assertEquals(
        RunStatus.DONE,
        await(store.finish(taken, new RunOutcome(RunStatus.DONE, null, null, null, null, null)))
            .status());
  }

  /** Several hands at once on a few runs, each as often as it likes, in many random orders. */
  @Test
  void noOrderOfEventsBreaksTheRules(Vertx vertx) {
    long seed = Long.getLong("poolmark.seed", System.nanoTime());
    Random random = new Random(seed);
    RunStore store = open(vertx);
    List<Claimant> nodes =
        List.of(
            new Claimant("a", "a machine", Optional.of(Duration.ofMillis(1))),
            new Claimant("b", "a machine", Optional.of(Duration.ofHours(1))));
    for (int round = 0; round < 60; round++) {
      Run run = insert(store);
      List<Future<?>> events = new ArrayList<>();
      List<Future<RunStore.Cancel>> cancels = new ArrayList<>();
      List<Future<Run>> seen = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        Claimant node = nodes.get(random.nextInt(nodes.size()));
        Run attempt = attempt(run, node, 1 + random.nextInt(3));
        switch (random.nextInt(9)) {
          case 0, 1, 2 -> events.add(store.claim(node));
          case 3, 4 -> events.add(store.finish(attempt, RunOutcome.failed("end " + i)));
          case 5 -> events.add(store.requeue(attempt));
          case 6 -> cancels.add(store.cancel(run.id()));
          case 7 -> events.add(store.expire(nodes.get(0)));
          default -> events.add(store.recover(node));
        }
        seen.add(store.find(run.id()).map(Optional::orElseThrow));
      }
      String told = "-Dpoolmark.seed=" + seed + ", round " + round;
      events.forEach(RunStoreTest::await);
      cancels.forEach(RunStoreTest::await);
      checkWay(seen, told);
      checkCancels(store, run, cancels, told);
      await(store.cancel(run.id())); // the next round has one run that waits
      await(store.recover(NODE));
    }
  }

  /** As the node has it that claimed it, if it ever did. */
  private static Run attempt(Run run, Claimant node, int attempt) {
    return new Run(
        run.id(),
        run.sequence(),
        RunStatus.RUNNING,
        attempt,
        node.node(),
        false,
        run.request(),
        run.needs(),
        run.labels(),
        null,
        null,
        null,
        null,
        run.createdAt(),
        null,
        null);
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
      await(store.recover(NODE)); // as the next server does
      assertEquals(RunStatus.CANCELLED, find(store, run).status(), told);
    }
  }

  @Test
  void aBoardHasOnlyWhatCanBeComparedAndTellsWhatElseThereIs(Vertx vertx) {
    RunStore store = open(vertx);
    done(store, "mean", "toy", 64, "aa", "fresh", 50);
    done(store, "sum", "toy", 64, "aa", "fresh", 60);
    done(store, "sum", "toy", 64, "aa", "fresh", 40);
    done(store, "mean", "toy", 64, "bb", "fresh", 90);
    done(store, "mean", "toy", 8, "aa", "fresh", 91);
    done(store, "mean", "toy", 64, "aa", "hot", 92);
    done(store, "mean", "other", 64, "aa", "fresh", 93);
    done(store, "max", "toy", 64, "aa", "fresh", 45);

    Leaderboard newest = await(store.leaderboard(wanted("toy", null, null, null)));
    assertEquals(new Leaderboard.Key("aa", 64, "fresh", ""), newest.key().orElseThrow());
    assertEquals(
        List.of("mean", "max", "sum"),
        newest.runs().stream().map(run -> run.request().pooler()).toList());
    assertEquals(
        List.of(
            new Leaderboard.LeftOut(new Leaderboard.Key("aa", 64, "hot", ""), 1),
            new Leaderboard.LeftOut(new Leaderboard.Key("aa", 8, "fresh", ""), 1),
            new Leaderboard.LeftOut(new Leaderboard.Key("bb", 64, "fresh", ""), 1)),
        newest.leftOut());

    Leaderboard hot = await(store.leaderboard(wanted("toy", null, null, "hot")));
    assertEquals(92.0, hot.runs().get(0).report().getJsonObject("total").getDouble("score"));
    assertEquals(3, hot.leftOut().size());
    assertEquals(1, await(store.leaderboard(wanted("toy", "bb", 64, null))).runs().size());
    Leaderboard none = await(store.leaderboard(wanted("toy", "cc", null, null)));
    assertTrue(none.key().isEmpty() && none.leftOut().size() == 4);
    assertTrue(await(store.leaderboard(wanted("nothing", null, null, null))).runs().isEmpty());
  }

  @Test
  void oldRunsAreDeletedButForPinnedOnesAndThoseThatGoOn(Vertx vertx) {
    RunStore store = open(vertx);
    Run open = insert(store);
    List<Run> ended = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Run run = insert(store);
      await(store.cancel(run.id()));
      ended.add(run);
    }
    await(store.describe(ended.get(0).id(), JsonObject.of("pinned", true)));
    assertEquals(0, await(store.prune(Optional.empty(), OptionalInt.of(3))));
    assertEquals(1, await(store.prune(Optional.empty(), OptionalInt.of(2))));
    assertTrue(await(store.find(ended.get(1).id())).isEmpty(), "the oldest that is not pinned");
    Instant before = find(store, ended.get(3)).finishedAt();
    assertEquals(0, await(store.prune(Optional.of(before.minusSeconds(1)), OptionalInt.empty())));
    assertEquals(2, await(store.prune(Optional.of(before.plusSeconds(1)), OptionalInt.empty())));
    RunFilter all = new RunFilter(Optional.empty(), List.of(), List.of(), Optional.empty());
    assertEquals(
        List.of(ended.get(0).id(), open.id()),
        await(store.list(all, 10, Long.MAX_VALUE)).stream().map(Run::id).toList());
  }

  @Test
  void whatIsSearchedForIsTakenByTheLetter(Vertx vertx) {
    RunStore store = open(vertx);
    Run run = insert(store);
    await(store.describe(run.id(), JsonObject.of("name", "50% of_it!")));
    for (String part : List.of("50%", "OF_IT", "!", "mean", "sample")) {
      assertEquals(1, await(store.list(searching(part), 10, Long.MAX_VALUE)).size(), part);
    }
    for (String part : List.of("5%o", "of.it", "_%_", "sum")) {
      assertEquals(0, await(store.list(searching(part), 10, Long.MAX_VALUE)).size(), part);
    }
  }

  private static RunFilter searching(String text) {
    return new RunFilter(Optional.of(text), List.of(), List.of(), Optional.empty());
  }

  @Test
  void ofTwoThingsThatANameMayMeanTheBoardIsOfTheOneThatHasRuns(Vertx vertx) {
    RunStore store = open(vertx);
    done(store, "mean", "sts dev", 64, "aa", "fresh", 50);
    Leaderboard.Wanted spaces =
        new Leaderboard.Wanted(
            List.of("sts+dev", "sts dev"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    assertEquals("sts dev", await(store.leaderboard(spaces)).dataset());
    done(store, "mean", "sts+dev", 64, "aa", "fresh", 50);
    assertEquals("sts+dev", await(store.leaderboard(spaces)).dataset());
  }

  private static Leaderboard.Wanted wanted(
      String dataset, String sha256, Integer batchSize, String protocol) {
    return new Leaderboard.Wanted(
        List.of(dataset),
        Optional.ofNullable(sha256),
        Optional.ofNullable(batchSize),
        Optional.ofNullable(protocol),
        Optional.empty());
  }

  @Test
  void runsOfAnotherMachineAreOnAnotherBoard(Vertx vertx) {
    RunStore store = open(vertx);
    done(store, "mean", "fast", 50);
    done(store, "sum", "slow", 60);
    Leaderboard newest = await(store.leaderboard(wanted("toy", null, null, null)));
    assertEquals("slow", newest.key().orElseThrow().machine());
    assertEquals(
        List.of("sum"), newest.runs().stream().map(run -> run.request().pooler()).toList());
    assertEquals(
        List.of(new Leaderboard.LeftOut(new Leaderboard.Key("aa", 64, "fresh", "fast"), 1)),
        newest.leftOut());
    Leaderboard.Wanted fast =
        new Leaderboard.Wanted(
            List.of("toy"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of("fast"));
    assertEquals("mean", await(store.leaderboard(fast)).runs().get(0).request().pooler());
  }

  private static void done(RunStore store, String pooler, String machine, double total) {
    done(store, pooler, "toy", 64, "aa", "fresh", total, JsonObject.of("machine", machine));
  }

  private static final Claimant A = new Claimant("a", "fast", Optional.of(Duration.ofHours(1)));
  private static final Claimant B = new Claimant("b", "slow", Optional.of(Duration.ofHours(1)));

  @Test
  void aRunThatAsksForAMachineIsTakenThereAlone(Vertx vertx) throws IOException {
    RunStore store = open(vertx);
    nodes("a", "b");
    holds("a", "machine", "fast", "");
    holds("b", "machine", "slow", "");
    assertEquals(
        "no node that is there is machine 'moon'; GET /nodes lists them",
        asking(store, "moon", Needs.NOTHING).obstacle());
    RunStore.Waiting byName = asking(store, "b", Needs.NOTHING);
    RunStore.Waiting byMachine = asking(store, "slow", Needs.NOTHING);
    assertNull(byName.obstacle());
    assertNull(byMachine.obstacle());
    assertTrue(await(store.claim(A)).isEmpty());
    assertEquals(byName.run().id(), await(store.claim(B)).orElseThrow().id());
    assertEquals(byMachine.run().id(), await(store.claim(B)).orElseThrow().id());
    assertTrue(await(store.claim(B)).isEmpty());
  }

  @Test
  void aRunIsTakenWhereItsPluginIsAndWhereItsDataAndModelCanBeHad(Vertx vertx) throws IOException {
    RunStore store = open(vertx);
    nodes("a", "b");
    holds("b", "pooler", "own", "jar");
    RunStore.Waiting plugin = asking(store, null, new Needs(null, "jar"));
    assertNull(plugin.obstacle());
    assertEquals(
        "no node that can take it has the plugin of 'mean' as it was when the run was submitted,"
            + " sha256 other",
        asking(store, null, new Needs(null, "other")).obstacle());
    assertTrue(
        asking(store, "a", new Needs(null, "jar")).obstacle().contains("the plugin of 'mean'"));
    assertTrue(
        asking(store, null, new Needs("gone", null)).obstacle().contains("data set 'sample'"));
    assertTrue(await(store.claim(A)).isEmpty());
    assertEquals(plugin.run().id(), await(store.claim(B)).orElseThrow().id());
    assertTrue(await(store.claim(B)).isEmpty());

    holds("b", "data", "sample", "gone"); // it has come back
    assertEquals("gone", await(store.claim(A)).orElseThrow().needs().dataSha256());
    holds("b", "model", "models/m", "other");
    assertEquals("other", await(store.claim(A)).orElseThrow().needs().poolerSha256());
  }

  @Test
  void whatANodeHasThatIsGoneCountsNoMore(Vertx vertx) throws IOException {
    RunStore store = open(vertx);
    nodes("a");
    holds("gone", "data", "sample", "d");
    RunStore.Waiting waiting = asking(store, null, new Needs("d", null));
    assertTrue(waiting.obstacle().contains("data set 'sample'"));
    assertTrue(await(store.claim(A)).isEmpty());
    Claimant alone = new Claimant("a", "fast", Optional.empty());
    assertNull(await(store.waiting(waiting.run(), alone)).obstacle());
    assertEquals(waiting.run().id(), await(store.claim(alone)).orElseThrow().id());
  }

  private static RunStore.Waiting asking(RunStore store, @Nullable String machine, Needs needs) {
    RunRequest request = new RunRequest("mean", "sample", 64, Timing.DEFAULT, 60, machine);
    return await(store.insert(Run.newId(), request, needs, A));
  }

  private void nodes(String... names) throws IOException {
    for (String name : names) {
      write(
          "INSERT INTO nodes (name, home, incarnation, clustered, state, description, since, heard)"
              + " VALUES ('"
              + name
              + "', 'home', 'x', 1, 'up', '{}', 0, 99999999999999)");
    }
  }

  private void holds(String node, String kind, String name, String sha256) throws IOException {
    write(
        "INSERT INTO holdings (node, kind, name, sha256) VALUES ('%s', '%s', '%s', '%s')"
            .formatted(node, kind, name, sha256));
  }

  private void write(String sql) throws IOException {
    Database.once(url(), db -> Database.update(db, sql));
  }

  private static void done(
      RunStore store,
      String pooler,
      String dataset,
      int batchSize,
      String sha256,
      String protocol,
      double total) {
    done(store, pooler, dataset, batchSize, sha256, protocol, total, new JsonObject());
  }

  private static void done(
      RunStore store,
      String pooler,
      String dataset,
      int batchSize,
      String sha256,
      String protocol,
      double total,
      JsonObject environment) {
    JsonObject report =
        new JsonObject()
            .put("environment", environment)
            .put("dataset", new JsonObject().put("sha256", sha256))
            .put("total", JsonObject.of("score", total));
    await(
        store.insert(
            Run.newId(),
            new RunRequest(
                pooler, dataset, batchSize, new Timing("java", protocol, false), 60, null),
            Needs.NOTHING,
            NODE));
    Run run = await(store.claim(NODE)).orElseThrow();
    await(store.finish(run, new RunOutcome(RunStatus.DONE, report, null, null, null, null)));
  }

  private RunStore open(Vertx vertx) {
    String url = url();
    try {
      Database.once(url, Connection::isReadOnly);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new RunStore(await(Database.connect(vertx, url)));
  }

  private String url() {
    return "jdbc:sqlite:" + folder.resolve("runs.db");
  }

  private static Run insert(RunStore store) {
    return await(store.insert(Run.newId(), REQUEST, Needs.NOTHING, NODE)).run();
  }

  private static Run claimed(RunStore store) {
    insert(store);
    return await(store.claim(NODE)).orElseThrow();
  }

  private static Run find(RunStore store, Run run) {
    return find(store, run.id());
  }

  private static Run find(RunStore store, String id) {
    return await(store.find(id)).orElseThrow();
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
