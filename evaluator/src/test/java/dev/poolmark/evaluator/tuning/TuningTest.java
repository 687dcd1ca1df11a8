package dev.poolmark.evaluator.tuning;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poolmark.evaluator.dataset.Layout;
import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.plugin.BadSpecException;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.TrainedModel;
import dev.poolmark.evaluator.report.TuneHtml;
import dev.poolmark.evaluator.report.TuneTable;
import dev.poolmark.evaluator.score.ScoreFormula;
import dev.poolmark.evaluator.training.DataRows;
import dev.poolmark.evaluator.training.SyntheticPairs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TuningTest {

  private static final int DIM = 8;
  private static final PluginCatalog PLUGINS =
      PluginCatalog.of(List.of(Path.of(System.getProperty("poolmark.plugins"))));

  @TempDir private Path folder;
  private TokenStore data;
  private Optional<List<String>> sources = Optional.empty();
  private Optional<TokenStore> dev = Optional.empty();

  @BeforeEach
  void openData() throws IOException {
    data = SyntheticPairs.store(folder, 300, DIM, 1);
  }

  @AfterEach
  void closeData() {
    data.close();
    dev.ifPresent(TokenStore::close);
  }

  /** All tasks in this process, one after the other. */
  private class OneProcess implements Crew {
    final List<TrialTask> asked = new ArrayList<>();

    @Override
    public int size() {
      return 1;
    }

    @Override
    public <T> T run(int member, TrialTask task, Class<T> answer, Duration limit) {
      asked.add(task);
      try {
        TrialWork work =
            new TrialWork(
                data,
                () -> sources,
                dev,
                PLUGINS,
                ScoreFormula.DEFAULT,
                out().resolve("work"),
                0.15,
                pooler -> {},
                cancel -> {});
        return answer.cast(work.run(cheaper(task)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (BadSpecException e) {
        throw new TaskFault(String.valueOf(e.getMessage()), 2);
      }
    }

    @Override
    public void cancel() {}
  }

  /** No folds and no ranking; the refit may be interrupted. */
  private final class Hurried extends OneProcess {
    private final boolean interrupted;

    Hurried(boolean interrupted) {
      this.interrupted = interrupted;
    }

    @Override
    public <T> T run(int member, TrialTask task, Class<T> answer, Duration limit) {
      if (task instanceof TrialTask.Rank
          || task instanceof TrialTask.Train train && train.fold() != null
          || task instanceof TrialTask.Refit && interrupted) {
        throw new CancellationException("interrupted");
      }
      return super.run(member, task, answer, limit);
    }
  }

  /** Folds with one seed; the zip's checks and the protocols have tests of their own. */
  private static TrialTask cheaper(TrialTask task) {
    if (task instanceof TrialTask.Train train
        && train.fold() != null
        && train.settings().seed() > 1) {
      throw new CancellationException("one seed will do");
    } else if (task instanceof TrialTask.Pack pack) {
      return new TrialTask.Pack(pack.model(), pack.zip(), false);
    } else if (task instanceof TrialTask.Rank rank) {
      return new TrialTask.Rank(rank.models(), false);
    }
    return task;
  }

  @Test
  void theBestBeatsTheMeanAndEverythingThatTuneWritesIsThere() throws IOException {
    TuneReport report = tune(new OneProcess(), 10, false);
    assertTrue(report.best().quality() > report.mean().quality(), report.best().toString());
    assertEquals(report.best().spec(), TrainedModel.read(out().resolve("best")).spec());
    assertTrue(Files.size(out().resolve("best.zip")) > 0);
    assertEquals(10, Files.readAllLines(out().resolve("trials.jsonl")).size());
    JsonNode json = reportJson();
    assertTrue(json.get("refit").isNull(), "nobody wanted it");
    assertEquals(report.best().spec(), json.get("best").get("spec").asText());
    assertTrue(json.get("best").get("folds").size() >= 4);
    double[] interval = report.best().gainCi95();
    assertNotNull(interval);
    Double gain = report.best().meanGain();
    assertNotNull(gain);
    assertTrue(gain > 0, "a gain of " + gain);
    assertTrue(interval[0] < gain && gain < interval[1], interval[0] + " to " + interval[1]);
    checkHtml(report);
  }

  @Test
  void aResumedTuningGoesOnWithTheTrialsThatThereAre() throws IOException {
    tune(new OneProcess(), 2, false);
    Path trials = out().resolve("trials.jsonl");
    Files.writeString(trials, "{\"candidate\": 7, ", StandardOpenOption.APPEND); // killed
    OneProcess crew = new OneProcess();
    TuneReport report = tune(crew, 4, true);
    assertEquals(4, Files.readAllLines(out().resolve("trials.jsonl")).size());
    assertEquals(
        2,
        crew.asked.stream()
            .filter(task -> task instanceof TrialTask.Train train && train.fold() == null)
            .count());
    assertEquals(4, report.trials().values().stream().mapToInt(n -> n).sum());
  }

  @Test
  void anInterruptedRefitLeavesTheBestSoFarAndAResumedOneTrainsItOnTheDevRowsToo()
      throws IOException {
    TuneReport interrupted = tune(new Hurried(true), 1, false, true);
    TrainedModel before = TrainedModel.read(out().resolve("best"));
    byte[] zip = Files.readAllBytes(out().resolve("best.zip"));
    assertNull(interrupted.refit());
    assertTrue(reportJson().get("refit").isNull());
    String finding = "The best was not trained once more on all pairs: interrupted.";
    assertTrue(interrupted.findings().contains(finding), interrupted.findings().toString());
    assertEquals(interrupted.trainRows(), before.training().at("/train/pairs").asInt());

    TuneReport report = tune(new Hurried(false), 1, true, true);
    TrainedModel refitted = TrainedModel.read(out().resolve("best"));
    Trial trial = trialsOnDisk().get(0);
    int epochs = Objects.requireNonNull(trial.trained()).bestEpoch();
    assertEquals(new TrialTask.Refitted(data.rows(), epochs), report.refit());
    assertEquals(data.rows(), reportJson().at("/refit/rows").asInt());
    assertEquals(data.rows(), refitted.training().at("/train/pairs").asInt());
    assertEquals(epochs, refitted.training().get("epochs").asInt());
    assertFalse(refitted.training().has("dev_history"), "figures of rows that were trained on");
    assertEquals(before.spec(), refitted.spec());
    assertNotEquals(weights(before), weights(refitted));
    assertFalse(Arrays.equals(zip, Files.readAllBytes(out().resolve("best.zip"))));
    assertEquals(interrupted.best().quality(), report.best().quality(), "of the model before");
    String said = "their figures belong to the model before it";
    assertTrue(TuneTable.render(report).contains(said));
    assertTrue(TuneHtml.render(report, trialsOnDisk()).contains(said));
  }

  @Test
  void givenDevRowsAreJoinedForARefitAndTheirFileIsDeleted() throws IOException {
    dev = Optional.of(SyntheticPairs.store(folder, 60, DIM, 2));
    TuneReport report = tune(new Hurried(false), 1, false, true);
    assertEquals(360, Objects.requireNonNull(report.refit()).rows());
    assertFalse(Files.exists(out().resolve("work").resolve(TuneData.JOINED_FILE)));
    try (TuneData.Joined joined = new TuneData(data, dev, folder.resolve("joined"), 0).joined()) {
      TokenStore all = joined.rows().store();
      double[] labels = dev.get().labels();
      assertArrayEquals(labels, Arrays.copyOfRange(all.labels(), 300, 360));
      for (Side side : Layout.PAIRS.sides()) {
        assertEquals(tokens(data, side, 299), tokens(all, side, 299));
        assertEquals(tokens(dev.get(), side, 0), tokens(all, side, 300));
      }
    }
  }

  @Test
  void aBudgetLeavesRoomForARefit() {
    Budget budget = new Budget(Duration.ofSeconds(1000), System.nanoTime());
    OptionalDouble finals = OptionalDouble.of(100);
    assertEquals(925, budget.refitEnd());
    assertEquals(885, budget.finalsEnd(40));
    assertEquals(785, budget.searchEnd(finals, 40));
    assertEquals(825, budget.searchEnd(finals, 0));
  }

  private JsonNode reportJson() throws IOException {
    return new ObjectMapper().readTree(out().resolve("report.json").toFile());
  }

  private static List<List<Float>> weights(TrainedModel model) {
    return model.weights().stream().map(weight -> floats(weight.values())).toList();
  }

  private static List<Float> tokens(TokenStore store, Side side, int row) {
    return floats(store.tokens(side, row));
  }

  private static List<Float> floats(float[] values) {
    return IntStream.range(0, values.length).mapToObj(i -> values[i]).toList();
  }

  @Test
  void trialsThatOtherDevRowsHaveChosenAreNotGoneOnWith() throws IOException {
    tune(new OneProcess(), 1, false);
    Path trials = out().resolve("trials.jsonl");
    String line = Files.readString(trials);
    Files.writeString(trials, line.replace("\"0.1667 of the data\"", "\"other dev rows\""));
    BadDataException e =
        assertThrows(BadDataException.class, () -> tune(new OneProcess(), 2, true));
    assertTrue(
        String.valueOf(e.getMessage())
            .endsWith(
                "expected trials chosen by the dev rows 0.1667 of the data,"
                    + " found some chosen by the dev rows other dev rows"),
        e.getMessage());
  }

  @Test
  void foldsAreBySourceWhereThereAreEnoughAndTheMeanIsMeasuredOnceAFold() throws IOException {
    sources =
        Optional.of(IntStream.range(0, data.rows()).mapToObj(row -> "source" + row % 3).toList());
    OneProcess crew = new OneProcess();
    TuneReport report = tune(crew, 2, false);
    assertEquals("source", report.foldsBy());
    assertEquals(3, crew.asked.stream().filter(TrialTask.Reference.class::isInstance).count());
    assertEquals(3, report.best().folds().size());
    sources = Optional.of(Collections.nCopies(data.rows(), "one"));
    TuneData parted = new TuneData(data, Optional.empty(), folder.resolve("parted"), 0.15);
    assertEquals(new TuneData.Parts("topic and sentence", 4, 2), parted.part(sources));
    DataRows.Split topic = parted.fold(2, 4);
    DataRows.Split sentence = parted.fold(3, 4);
    assertFalse(Arrays.equals(topic.dev().rows(), sentence.dev().rows()));
    assertEquals(topic.train().size(), topic.train().without(topic.dev()).size());
  }

  @Test
  void aPoolerThatCannotEvenBeMadeIsLeftOut() throws IOException {
    OneProcess crew =
        new OneProcess() {
          @Override
          public <T> T run(int member, TrialTask task, Class<T> answer, Duration limit) {
            if (task instanceof TrialTask.Describe describe) {
              if (!describe.without().contains("attention")) {
                throw new TaskFault("it ended its process", 4, Optional.of("attention"));
              } else if (!describe.without().contains("gated")) {
                throw new TimeOver(Optional.of("gated"));
              }
            }
            return super.run(member, task, answer, limit);
          }
        };
    TuneReport report = tune(crew, 2, false);
    assertEquals(
        List.of(
            "The pooler 'attention' is left out. it ended its process",
            "The pooler 'gated' is left out. expected a pooler that is made within 10 seconds,"
                + " found it still being made"),
        report.findings().subList(0, 2));
  }

  @Test
  void aPoolerThatNobodyHasTriedYetIsNotForgottenWhenThereIsNoTimeForIt() {
    Halving halving = new Halving(space("one", "other"), 300, 1);
    assertEquals(halving.next(), halving.next());
    halving.take(halving.next());
    assertEquals("other", halving.next().configuration().pooler());
  }

  @Test
  void aPoolerThatLearnsMoreSlowlyIsTriedOnWhereItIsInReach() {
    Halving halving = new Halving(space("one", "other", "third"), 3000, 1);
    List<Halving.Job> firstLooks = new ArrayList<>();
    while (halving.hasStarters()) {
      firstLooks.add(halving.next());
      halving.take(halving.next());
    }
    halving.add(trial(firstLooks.get(0), 90));
    halving.add(trial(firstLooks.get(1), 89.5));
    halving.add(trial(firstLooks.get(2), 80));
    List<String> promoted = new ArrayList<>();
    for (Halving.Job job = halving.next(); job.rung() == 1; job = halving.next()) {
      halving.take(job);
      promoted.add(job.configuration().pooler());
    }
    assertEquals(List.of("one", "other"), promoted);
  }

  @Test
  void theShortlistHasNoNeighboursOfABetterOne() {
    SearchSpace space = space("one", "other");
    Configuration best = space.starters().get(0);
    List<Trial> trials =
        List.of(
            trial(job(best, Map.of()), 90),
            trial(job(best, Map.of("epochs", "20")), 89.9),
            trial(job(best, Map.of("epochs", "20", "loss", "cosent", "unrelated", "0")), 89.8),
            trial(job(space.starters().get(1), Map.of()), 89.7),
            trial(job(space.starters().get(1), Map.of("pooler", "third")), 88));
    assertEquals(
        List.of(90.0, 89.8, 89.7), Shortlist.of(trials).stream().map(Trial::points).toList());
  }

  private static SearchSpace space(String... poolers) {
    return new SearchSpace(
        Arrays.stream(poolers).map(name -> new Architecture(name, Map.of(), Map.of())).toList());
  }

  private static Halving.Job job(Configuration like, Map<String, String> other) {
    Map<String, String> values = new HashMap<>(like.values());
    values.putAll(other);
    return new Halving.Job(1, new Configuration(values), 0);
  }

  private static Trial trial(Halving.Job job, double points) {
    return new Trial(
        1,
        "data",
        "dev",
        "default",
        job.candidate(),
        job.rung(),
        job.configuration().spec(),
        job.configuration().values(),
        Trial.State.DONE,
        0,
        1,
        null,
        null,
        points,
        null);
  }

  @Test
  void anotherTuningsFolderIsLeftAsItIs() throws IOException {
    tune(new OneProcess(), 1, false);
    BadDataException e =
        assertThrows(BadDataException.class, () -> tune(new OneProcess(), 1, false));
    assertTrue(String.valueOf(e.getMessage()).contains("--resume"), e.getMessage());
  }

  @Test
  void aPoolerThatEndsItsProcessCostsItsTrial() throws IOException {
    OneProcess crew =
        new OneProcess() {
          @Override
          public <T> T run(int member, TrialTask task, Class<T> answer, Duration limit) {
            if (task instanceof TrialTask.Train train && train.spec().startsWith("attention")) {
              throw new TaskFault("its process ended: exit code 134", 4);
            }
            return super.run(member, task, answer, limit);
          }
        };
    TuneReport report = tune(crew, 4, false);
    assertEquals(2, report.trials().get("failed"));
    assertFalse(report.best().spec().startsWith("attention"));
  }

  /** The report is one file that needs no network. */
  private void checkHtml(TuneReport report) throws IOException {
    String html = TuneHtml.render(report, trialsOnDisk());
    assertTrue(html.contains("<svg"));
    assertFalse(html.matches("(?s).*(src|href)=.*"), "nothing is loaded");
    assertFalse(html.contains("<script"));
    assertTrue(html.contains(report.best().spec()));
  }

  private List<Trial> trialsOnDisk() throws IOException {
    List<Trial> trials = new ArrayList<>();
    for (String line : Files.readAllLines(out().resolve("trials.jsonl"))) {
      trials.add(new ObjectMapper().readValue(line, Trial.class));
    }
    return trials;
  }

  private TuneReport tune(Crew crew, int trials, boolean resume) throws IOException {
    return tune(crew, trials, resume, false);
  }

  private TuneReport tune(Crew crew, int trials, boolean resume, boolean refit) throws IOException {
    TuneRequest request =
        new TuneRequest(out(), Duration.ofMinutes(5), OptionalInt.of(trials), 1, refit, resume);
    return new Tuning(request, crew, event -> {}, System.nanoTime()).run();
  }

  private Path out() {
    return folder.resolve("out");
  }
}
