package dev.poolmark.server.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poolmark.evaluator.worker.WorkerEvent;
import dev.poolmark.evaluator.worker.WorkerRequest;
import dev.poolmark.server.http.answer.ApiException;
import dev.poolmark.server.http.answer.Failures;
import dev.poolmark.server.http.answer.Json;
import dev.poolmark.server.lane.LaneQueue;
import dev.poolmark.server.run.KeptRun;
import dev.poolmark.server.run.Run;
import dev.poolmark.server.run.RunFilter;
import dev.poolmark.server.run.RunStatus;
import dev.poolmark.server.run.RunStore;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/** Runs that are done, beside each other: ranked, compared, and written as files. */
final class ComparisonRoutes {

  private static final int MOST_RUNS = 50;
  private static final long MOST_PAIRS = 500_000;
  private static final int MOST_RESULTS = 10_000;
  private static final ObjectMapper JACKSON = new ObjectMapper();

  private static final Map<String, String> TYPES =
      Map.of(
          "csv", "text/csv; charset=utf-8",
          "json", "application/json; charset=utf-8",
          "mteb", "application/json; charset=utf-8");

  private final Vertx vertx;
  private final RunStore store;
  private final LaneQueue desk;
  private final Path scratch;

  /**
   * @param scratch a folder for files on their way to a lane
   */
  ComparisonRoutes(Vertx vertx, RunStore store, LaneQueue desk, Path scratch) {
    this.vertx = vertx;
    this.store = store;
    this.desk = desk;
    this.scratch = scratch;
  }

  void compare(RoutingContext context) {
    List<String> ids = ids(Query.of(context).value("runs").orElse(""));
    checkRoom();
    Future.all(ids.stream().map(this::found).toList())
        .map(runs -> bounded(runs.list()))
        .compose(runs -> Future.all(runs.stream().map(this::kept).toList()))
        .compose(runs -> compared(runs.list()))
        .onSuccess(answer -> Json.answer(context, 200, answer))
        .onFailure(context::fail);
  }

  private void checkRoom() {
    if (desk.full()) {
      throw ApiException.overloaded("too many questions wait; ask again in a moment");
    }
  }

  private static List<String> ids(String list) {
    List<String> ids = Arrays.stream(list.split(",", -1)).distinct().toList();
    if (ids.size() > MOST_RUNS) {
      throw ApiException.invalid(
          String.format(
              Locale.ROOT, "runs: expected at most %d ids, found %d", MOST_RUNS, ids.size()));
    }
    return ids;
  }

  private Future<Run> found(String id) {
    return Run.isId(id)
        ? store.find(id).map(run -> run.orElseThrow(() -> noRun(id)))
        : Future.failedFuture(noRun(id));
  }

  private static List<Run> bounded(List<Run> runs) {
    checkPairs(runs.stream().mapToLong(ComparisonRoutes::pairs).sum(), runs.size());
    return runs;
  }

  /** The pairs of all are resampled together, in memory and while others wait. */
  static void checkPairs(long pairs, int runs) {
    if (pairs > MOST_PAIRS) {
      throw ApiException.invalid(
          String.format(
              Locale.ROOT,
              "runs: expected at most %,d pairs in all, found %,d in %d runs",
              MOST_PAIRS,
              pairs,
              runs));
    }
  }

  private static long pairs(Run run) {
    return run.report() == null
        ? 0
        : report(run).getJsonObject("dataset", new JsonObject()).getLong("pairs", 0L);
  }

  private Future<KeptRun> kept(Run run) {
    return store.kept(run.id()).map(kept -> comparable(run.id(), kept));
  }

  private static ApiException noRun(String id) {
    return ApiException.notFound(String.format(Locale.ROOT, "no run '%s'", id));
  }

  private static KeptRun comparable(String id, Optional<KeptRun> kept) {
    if (kept.isEmpty()) {
      throw ApiException.conflict(
          String.format(Locale.ROOT, "expected runs that are done, found that %s is not", id));
    } else if (kept.get().passes() == null) {
      throw ApiException.conflict(
          String.format(
              Locale.ROOT,
              "expected runs whose passes were kept, found %s of an older Poolmark; score it again",
              id));
    }
    return kept.get();
  }

  private Future<JsonObject> compared(List<KeptRun> runs) {
    checkSameData(runs);
    List<String> names = names(runs);
    return vertx
        .executeBlocking(() -> question(runs, names), false)
        .compose(
            question ->
                ask(question)
                    .eventually(
                        () -> vertx.executeBlocking(() -> forget(question.scores()), false)))
        .map(standings -> answer(runs, names, standings));
  }

  private static void checkSameData(List<KeptRun> runs) {
    List<String> data =
        runs.stream()
            .map(run -> report(run.run()).getJsonObject("dataset").getString("sha256"))
            .distinct()
            .toList();
    if (data.size() > 1) {
      throw ApiException.conflict(
          String.format(Locale.ROOT, "expected runs on the same data, found data %s", data));
    }
  }

  private static JsonObject report(Run run) {
    return Objects.requireNonNull(run.report(), run.id());
  }

  /** The specs; a number tells runs of the same one apart. */
  private static List<String> names(List<KeptRun> runs) {
    Map<String, Integer> seen = new HashMap<>();
    List<String> names = new ArrayList<>();
    for (KeptRun run : runs) {
      String spec = run.run().request().pooler();
      int times = seen.merge(spec, 1, Integer::sum);
      names.add(times == 1 ? spec : spec + " (" + times + ")");
    }
    return names;
  }

  private WorkerRequest.Compare question(List<KeptRun> runs, List<String> names)
      throws IOException {
    List<WorkerRequest.Kept> scores = new ArrayList<>();
    try {
      for (int i = 0; i < runs.size(); i++) {
        KeptRun run = runs.get(i);
        Path pairs = Files.createTempFile(scratch, run.run().id(), ".csv.gz");
        scores.add(
            new WorkerRequest.Kept(
                names.get(i),
                node(report(run.run()).encode()),
                node(Objects.requireNonNull(run.passes(), "passes").encode()),
                pairs));
        Files.write(pairs, run.pairScores());
      }
      return new WorkerRequest.Compare(scores);
    } catch (IOException e) {
      forget(scores);
      throw e;
    }
  }

  private static JsonNode node(String json) {
    try {
      return JACKSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static boolean forget(List<WorkerRequest.Kept> scores) throws IOException {
    for (WorkerRequest.Kept score : scores) {
      Files.deleteIfExists(score.pairScores());
    }
    return true;
  }

  private Future<JsonObject> ask(WorkerRequest.Compare question) {
    return answered(question)
        .map(last -> new JsonObject(((WorkerEvent.Compared) last).standings().toString()));
  }

  private Future<WorkerEvent.Last> answered(WorkerRequest.Job question) {
    return desk.ask(question)
        .recover(
            fault ->
                Future.failedFuture(ApiException.unavailable(String.valueOf(fault.getMessage()))))
        .compose(
            last ->
                last instanceof WorkerEvent.Failed failed
                    ? Future.failedFuture(Failures.ofWorker(failed.error()))
                    : Future.succeededFuture(last));
  }

  private static JsonObject answer(List<KeptRun> runs, List<String> names, JsonObject standings) {
    JsonArray named = new JsonArray();
    for (int i = 0; i < runs.size(); i++) {
      named.add(new JsonObject().put("id", runs.get(i).run().id()).put("spec", names.get(i)));
    }
    return new JsonObject().put("runs", named).mergeIn(standings);
  }

  /** All results of a data set, as the command line writes them. */
  void results(RoutingContext context) {
    Query query = Query.of(context);
    checkRoom();
    String format = query.value("format").orElse("json");
    RunFilter done =
        new RunFilter(
            Optional.empty(), List.of(RunStatus.DONE), query.readings("dataset"), Optional.empty());
    store
        .list(done, MOST_RESULTS, Long.MAX_VALUE)
        .compose(runs -> rendered(format, runs))
        .onSuccess(
            text ->
                context
                    .response()
                    .putHeader("Content-Type", Objects.requireNonNull(TYPES.get(format), format))
                    .end(text))
        .onFailure(context::fail);
  }

  private Future<String> rendered(String format, List<Run> runs) {
    List<JsonNode> reports =
        runs.stream().map(run -> node(report(run).encode())).collect(Collectors.toList());
    return answered(new WorkerRequest.Render(format, reports))
        .map(last -> ((WorkerEvent.Rendered) last).text());
  }
}
