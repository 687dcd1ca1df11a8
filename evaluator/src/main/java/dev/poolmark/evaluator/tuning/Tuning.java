package dev.poolmark.evaluator.tuning;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.files.AtomicFile;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.metric.Interval;
import dev.poolmark.evaluator.metric.MeanInterval;
import dev.poolmark.evaluator.tuning.Crew.TaskFault;
import dev.poolmark.evaluator.tuning.TrialTask.Looked;
import dev.poolmark.evaluator.tuning.TrialTask.Packed;
import dev.poolmark.evaluator.tuning.TrialTask.Prepared;
import dev.poolmark.evaluator.tuning.TrialTask.Ranked;
import dev.poolmark.evaluator.tuning.TrialTask.Trained;
import dev.poolmark.evaluator.tuning.TuneReport.Finalist;
import dev.poolmark.evaluator.tuning.TuneReport.FoldGain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Searches the best submission for some tokens, within a budget of time: many candidates with some
 * rows and epochs, the best third of them with more (asynchronous successive halving: Li et al., A
 * System for Massively Parallel Hyperparameter Tuning, 2020), new ones mostly near the best (Real
 * et al., Regularized Evolution, 2019); the best of these again without folds of the data.
 */
public final class Tuning {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectMapper PRETTY =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** How a task ends whose options don't fit together. */
  private static final int BAD_SPEC = 2;

  private static final int FOLDS = 4;
  private static final int FINALISTS = 4;
  private static final int FEW_DEV_ROWS = 200;
  private static final int RANKED = 3;
  private static final int KEPT_MODELS = 6;

  /** Fewer rows than this are trained on so soon that a first look saves nothing. */
  private static final int FEW_ROWS = 1000;

  private static final int HALVING = 3;
  private static final double LOOK_SHARE = 0.06;
  private static final double SHORTEST_LOOK = 10;
  private static final double FINALS_SHARE = 0.3;
  private static final double CLOSING_SHARE = 0.3;
  private static final double MOST_CLOSING_SECONDS = 75;
  private static final double SECONDS_TO_RANK = 4;
  private static final double SECONDS_TO_RANK_ALL = 16;

  /**
   * @param rows share of the training rows
   * @param epochs share of the epochs
   */
  private record Rung(double rows, double epochs) {}

  private static final List<Rung> RUNGS =
      List.of(new Rung(0.34, 0.34), new Rung(0.67, 0.5), new Rung(1, 1));

  /** A candidate that is to be trained. */
  private record Job(int candidate, Configuration configuration, int rung) {}

  private final TuneRequest request;
  private final Crew crew;
  private final Consumer<TuneEvent> listener;
  private final long start;
  private final Random random;
  private final List<Trial> trials = new ArrayList<>();
  private final Map<Integer, Configuration> candidates = new TreeMap<>();
  private final Set<String> promoted = new HashSet<>();
  private final Map<String, Looked> looks = new HashMap<>();
  private final Deque<Configuration> starters = new ArrayDeque<>();
  private final Map<String, Integer> crashes = new HashMap<>();
  private final List<TuneReport.Rise> history = new ArrayList<>();
  private final List<String> findings = new ArrayList<>();
  private final Map<Integer, List<FoldGain>> gains = new HashMap<>();
  private List<Rung> rungs = RUNGS;
  private int jobs;
  private volatile boolean cancelled;

  // From run() on.
  @SuppressWarnings("NullAway.Init")
  private Prepared prepared;

  @SuppressWarnings("NullAway.Init")
  private SearchSpace space;

  /**
   * @param start what {@code System.nanoTime()} was when the budget began
   */
  public Tuning(TuneRequest request, Crew crew, Consumer<TuneEvent> listener, long start) {
    this.request = request;
    this.crew = crew;
    this.listener = listener;
    this.start = start;
    this.random = new Random(request.seed());
  }

  /**
   * Tunes, and leaves the best model, its zip and the reports.
   *
   * @throws BadDataException when the folder holds another's trials
   * @throws TaskFault when the data can't be used, or nothing could be trained
   */
  public TuneReport run() throws IOException {
    checkFolder();
    prepared = crew.run(0, new TrialTask.Prepare(), Prepared.class, Duration.ofDays(1));
    if (prepared.architectures().isEmpty()) {
      throw new TaskFault("expected poolers with weights to train, found none", 4);
    }
    begin();
    search();
    List<Finalist> finalists = finalists();
    return close(finalists);
  }

  /** Ends the search; what is best so far is left. May come from any thread. */
  public void cancel() {
    cancelled = true;
    crew.cancel();
  }

  public boolean isCancelled() {
    return cancelled;
  }

  private void checkFolder() throws IOException {
    boolean there = Files.exists(trialsFile());
    if (there && !request.resume()) {
      throw new BadDataException(
          request.out(), "a new folder, or --resume", "the trials of an earlier tuning");
    } else if (request.resume() && !there) {
      throw new BadDataException(trialsFile(), "an earlier tuning's trials to go on with", "none");
    }
    Files.createDirectories(request.out());
  }

  private void begin() throws IOException {
    space = new SearchSpace(prepared.architectures());
    starters.addAll(space.starters());
    if (prepared.trainRows() < FEW_ROWS) {
      rungs = List.of(new Rung(1, 1));
    }
    if (request.resume()) {
      resume();
    }
    listener.accept(
        new TuneEvent.Started(
            prepared.trainRows(),
            prepared.devRows(),
            prepared.architectures().size(),
            prepared.inspection().advice(),
            prepared.meanQuality() + prepared.meanTime(),
            seconds(request.budget())));
  }

  private void resume() throws IOException {
    for (String line : wholeLines()) {
      Trial trial = trial(line);
      if (!trial.data().equals(prepared.inspection().sha256())) {
        throw new BadDataException(
            trialsFile(),
            "trials on the data " + prepared.inspection().sha256(),
            "some on " + trial.data());
      }
      trials.add(trial);
      Configuration configuration = new Configuration(trial.options());
      candidates.put(trial.candidate(), configuration);
      starters.remove(configuration);
      if (trial.rung() > 0) {
        promoted.add(trial.candidate() + "/" + (trial.rung() - 1));
      }
    }
    jobs = trials.size();
  }

  /** A line that a killed tuning did not bring to its end is no trial. */
  private List<String> wholeLines() throws IOException {
    String all = new String(Files.readAllBytes(trialsFile()), StandardCharsets.UTF_8);
    String whole = all.substring(0, all.lastIndexOf('\n') + 1);
    if (whole.length() < all.length()) {
      AtomicFile.writeString(trialsFile(), whole);
    }
    return whole.lines().toList();
  }

  private Trial trial(String line) throws BadDataException {
    try {
      return JSON.readValue(line, Trial.class);
    } catch (JsonProcessingException e) {
      throw new BadDataException(trialsFile(), "a trial on each line", line);
    }
  }

  // --- the search

  private void search() {
    listener.accept(new TuneEvent.Phase("search", secondsSoFar()));
    everybody(
        member -> {
          for (Optional<Job> job = next(); job.isPresent(); job = next()) {
            attempt(member, job.get());
          }
        });
  }

  /** All members of the crew do the same, until each has come to its end. */
  private void everybody(IntConsumer work) {
    List<Thread> threads =
        IntStream.range(0, crew.size())
            .mapToObj(member -> new Thread(() -> work.accept(member), "tune-" + member))
            .toList();
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        cancel();
        Thread.currentThread().interrupt();
      }
    }
  }

  private double searchEnd() {
    double budget = seconds(request.budget());
    return budget - closingSeconds() - FINALS_SHARE * budget;
  }

  private double finalsEnd() {
    return seconds(request.budget()) - closingSeconds();
  }

  private double closingSeconds() {
    return Math.min(MOST_CLOSING_SECONDS, CLOSING_SHARE * seconds(request.budget()));
  }

  private synchronized Optional<Job> next() {
    if (cancelled || (request.trials().isPresent() && jobs >= request.trials().getAsInt())) {
      return Optional.empty();
    }
    boolean first = jobs == 0;
    if (!first && secondsSoFar() >= searchEnd()) {
      return Optional.empty();
    }
    Job job = promotion().orElseGet(this::newcomer);
    if (!first && secondsSoFar() + expectedSeconds(job) > searchEnd()) {
      return Optional.empty();
    }
    if (job.rung() > 0) {
      promoted.add(job.candidate() + "/" + (job.rung() - 1));
    }
    jobs++;
    candidates.put(job.candidate(), job.configuration());
    return Optional.of(job);
  }

  /** One that is among the best third of its rung, from the highest rung down. */
  private Optional<Job> promotion() {
    for (int rung = rungs.size() - 2; rung >= 0; rung--) {
      int from = rung;
      List<Trial> done = done(from);
      for (Trial trial :
          done.subList(0, Math.max(done.size() / HALVING, done.size() > 1 ? 1 : 0))) {
        if (!promoted.contains(trial.candidate() + "/" + from)) {
          return Optional.of(
              new Job(trial.candidate(), new Configuration(trial.options()), from + 1));
        }
      }
    }
    return Optional.empty();
  }

  private Job newcomer() {
    Configuration configuration =
        starters.isEmpty() ? drawn() : Objects.requireNonNull(starters.poll());
    return new Job(candidates.size() + 1, configuration, 0);
  }

  private Configuration drawn() {
    List<Trial> best = best();
    for (int attempt = 0; attempt < 100; attempt++) {
      Configuration drawn =
          best.isEmpty() || random.nextInt(5) == 0
              ? space.random(random)
              : space.neighbour(
                  new Configuration(best.get(random.nextInt(Math.min(5, best.size()))).options()),
                  random);
      if (!candidates.containsValue(drawn) && crashes.getOrDefault(drawn.pooler(), 0) < 2) {
        return drawn;
      }
    }
    return space.random(random);
  }

  /** Those of the highest rung first, the best of each first. */
  private List<Trial> best() {
    return IntStream.iterate(rungs.size() - 1, rung -> rung >= 0, rung -> rung - 1)
        .mapToObj(this::done)
        .flatMap(List::stream)
        .toList();
  }

  private List<Trial> done(int rung) {
    return trials.stream()
        .filter(trial -> trial.rung() == rung && trial.total() != null)
        .sorted(Comparator.comparing((Trial trial) -> total(trial)).reversed())
        .toList();
  }

  /** What training such a pooler took so far, for as many rows. */
  private double expectedSeconds(Job job) {
    double work = work(job);
    return trials.stream()
            .filter(
                trial ->
                    trial.trained() != null
                        && Objects.equals(
                            trial.options().get(Configuration.POOLER),
                            job.configuration().pooler()))
            .mapToDouble(
                trial ->
                    trial.seconds()
                        / work(
                            new Job(
                                trial.candidate(),
                                new Configuration(trial.options()),
                                trial.rung())))
            .average()
            .orElse(0)
        * work;
  }

  private double work(Job job) {
    Rung rung = rungs.get(Math.min(job.rung(), rungs.size() - 1));
    int epochs = job.configuration().settings(rung.epochs(), 1).epochs();
    return rung.rows() * prepared.trainRows() * epochs;
  }

  private void attempt(int member, Job job) {
    double at = secondsSoFar();
    Looked looked = null;
    Trained trained = null;
    Double total = null;
    String finding = null;
    Trial.State state = Trial.State.DONE;
    try {
      looked = look(member, job.configuration().spec());
      finding = cantWin(looked);
      if (finding == null) {
        trained = train(member, job);
        total = trained.quality() + looked.time();
      } else {
        state = Trial.State.SKIPPED;
      }
    } catch (TaskFault fault) {
      state = fault.exitCode() == BAD_SPEC ? Trial.State.SKIPPED : Trial.State.FAILED;
      finding = fault.getMessage();
    } catch (CancellationException e) {
      state = Trial.State.CANCELLED;
      finding = "its time was over";
    }
    double seconds = secondsSoFar() - at;
    record(job, state, at, seconds, looked, trained, total, finding);
  }

  private Looked look(int member, String spec) {
    synchronized (this) {
      Looked known = looks.get(spec);
      if (known != null) {
        return known;
      }
    }
    Looked looked = crew.run(member, new TrialTask.Look(spec), Looked.class, left(searchEnd()));
    synchronized (this) {
      looks.put(spec, looked);
    }
    return looked;
  }

  private synchronized @Nullable String cantWin(Looked looked) {
    if (!looked.withinSizeLimit()) {
      return Contest.sizeFinding(looked.parameterBytes()).orElseThrow();
    }
    List<Trial> best = done(rungs.size() - 1);
    return !best.isEmpty() && looked.bound() < total(best.get(0))
        ? String.format(
            Locale.ROOT,
            "its time allows %.2f points at the most, and %.2f are reached already",
            looked.bound(),
            total(best.get(0)))
        : null;
  }

  private Trained train(int member, Job job) {
    Rung rung = rungs.get(job.rung());
    TrialTask.Train task =
        new TrialTask.Train(
            job.configuration().spec(),
            job.configuration().settings(rung.epochs(), request.seed()),
            rung.rows(),
            null,
            0,
            model(job.candidate(), job.rung()));
    return crew.run(member, task, Trained.class, left(lastMoment(job)));
  }

  /** A first look that takes long would take the time of many others. */
  private double lastMoment(Job job) {
    double look = Math.max(SHORTEST_LOOK, LOOK_SHARE * seconds(request.budget()));
    return job.rung() == 0 ? Math.min(searchEnd(), secondsSoFar() + look) : searchEnd();
  }

  private synchronized void record(
      Job job,
      Trial.State state,
      double at,
      double seconds,
      @Nullable Looked looked,
      @Nullable Trained trained,
      @Nullable Double total,
      @Nullable String finding) {
    if (state == Trial.State.FAILED) {
      crashes.merge(job.configuration().pooler(), 1, Integer::sum);
    }
    Trial trial =
        new Trial(
            trials.size() + 1,
            prepared.inspection().sha256(),
            job.candidate(),
            job.rung(),
            job.configuration().spec(),
            job.configuration().values(),
            state,
            at,
            seconds,
            looked,
            trained,
            total,
            finding);
    trials.add(trial);
    append(trial);
    List<Trial> best = done(rungs.size() - 1);
    if (!best.isEmpty() && best.get(0).trial() == trial.trial()) {
      history.add(new TuneReport.Rise(secondsSoFar(), trial.trial(), trial.spec(), total(trial)));
    }
    dropModels();
    listener.accept(
        new TuneEvent.Tried(
            trial,
            best.isEmpty() ? null : best.get(0).total(),
            best.isEmpty() ? null : best.get(0).spec(),
            Math.max(0, seconds(request.budget()) - secondsSoFar())));
  }

  private void append(Trial trial) {
    try {
      Files.writeString(
          trialsFile(),
          JSON.writeValueAsString(trial) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Weights of those that are not near the best any more. */
  private void dropModels() {
    List<Trial> best = best();
    for (Trial trial : best.subList(Math.min(KEPT_MODELS, best.size()), best.size())) {
      delete(model(trial.candidate(), trial.rung()));
    }
  }

  // --- the finalists

  private List<Finalist> finalists() {
    List<Trial> best =
        best().stream()
            .filter(trial -> Files.isDirectory(model(trial.candidate(), trial.rung())))
            .toList();
    if (best.isEmpty()) {
      throw new TaskFault(
          trials.isEmpty() || cancelled
              ? "interrupted before any pooler was trained"
              : "no pooler could be trained: "
                  + Objects.toString(trials.get(trials.size() - 1).finding(), ""),
          cancelled ? 130 : 4);
    }
    if (best.get(0).rung() < rungs.size() - 1) {
      findings.add(
          "There was no time to train any pooler on all rows: the best was trained on some of them,"
              + " for fewer epochs.");
    }
    if (prepared.devRows() < FEW_DEV_ROWS) {
      findings.add(
          String.format(
              Locale.ROOT,
              "Only %d dev rows choose: look at the intervals, not at the figures.",
              prepared.devRows()));
    }
    List<Trial> chosen =
        best.stream().filter(trial -> trial.rung() == best.get(0).rung()).limit(FINALISTS).toList();
    runFolds(chosen);
    List<Finalist> finalists = chosen.stream().map(this::finalist).toList();
    return finalists.stream()
        .sorted(Comparator.comparingDouble(Tuning::expectedTotal).reversed())
        .toList();
  }

  /** By what they gain on average, where that is known; by the dev rows else. */
  private static double expectedTotal(Finalist finalist) {
    return finalist.meanGain() == null
        ? finalist.total() - 1e6
        : finalist.meanGain() + finalist.time();
  }

  private record FoldJob(Trial trial, int fold, int seed) {}

  private void runFolds(List<Trial> finalists) {
    int folds = Math.min(FOLDS, prepared.groups());
    if (folds < 2) {
      findings.add(
          "The rows can't be parted into folds that share no sentence: the best is chosen by the"
              + " dev rows alone.");
      return;
    }
    listener.accept(new TuneEvent.Phase("folds", secondsSoFar()));
    Deque<FoldJob> left = new ArrayDeque<>();
    for (int seed = 0; seed < 3; seed++) {
      for (int fold = 0; fold < folds; fold++) {
        for (Trial trial : finalists) {
          left.add(new FoldJob(trial, fold, seed));
        }
      }
    }
    everybody(
        member -> {
          for (FoldJob job = poll(left); job != null; job = poll(left)) {
            runFold(member, job, folds);
          }
        });
    keepWhatAllHave(finalists);
    if (gains.values().stream().anyMatch(List::isEmpty) || gains.isEmpty()) {
      findings.add("There was no time for folds: the best is chosen by the dev rows alone.");
    }
  }

  private synchronized @Nullable FoldJob poll(Deque<FoldJob> left) {
    FoldJob job = left.peek();
    if (job == null || cancelled || secondsSoFar() + 0.8 * job.trial().seconds() > finalsEnd()) {
      return null;
    }
    return left.poll();
  }

  private void runFold(int member, FoldJob job, int folds) {
    Path model = work().resolve("fold-" + member);
    long seed = request.seed() + job.seed();
    Trial trial = job.trial();
    Rung rung = rungs.get(trial.rung());
    TrialTask.Train task =
        new TrialTask.Train(
            trial.spec(),
            new Configuration(trial.options()).settings(rung.epochs(), seed),
            rung.rows(),
            job.fold(),
            folds,
            model);
    try {
      Trained trained = crew.run(member, task, Trained.class, left(finalsEnd()));
      synchronized (this) {
        gains
            .computeIfAbsent(trial.trial(), t -> new ArrayList<>())
            .add(new FoldGain(job.fold(), seed, trained.gain()));
        listener.accept(
            new TuneEvent.Fold(
                trial.spec(),
                job.fold(),
                seed,
                trained.gain(),
                Math.max(0, seconds(request.budget()) - secondsSoFar())));
      }
    } catch (TaskFault | CancellationException e) {
      // What is missing for one is left out for all.
    }
    delete(model);
  }

  /** So that averages are over the same folds and seeds. */
  private void keepWhatAllHave(List<Trial> finalists) {
    Set<String> common =
        finalists.stream()
            .map(trial -> gains.getOrDefault(trial.trial(), List.of()))
            .map(all -> all.stream().map(Tuning::place).collect(Collectors.toSet()))
            .reduce(
                (one, other) -> {
                  one.retainAll(other);
                  return one;
                })
            .orElseThrow();
    gains.replaceAll(
        (trial, all) -> all.stream().filter(gain -> common.contains(place(gain))).toList());
  }

  private static String place(FoldGain gain) {
    return gain.fold() + "/" + gain.seed();
  }

  private Finalist finalist(Trial trial) {
    List<FoldGain> folds = gains.getOrDefault(trial.trial(), List.of());
    double[] values = folds.stream().mapToDouble(FoldGain::gain).toArray();
    Looked looked = Objects.requireNonNull(trial.looked());
    Trained trained = Objects.requireNonNull(trial.trained());
    return new Finalist(
        trial.trial(),
        trial.spec(),
        trial.options(),
        looked.referenceRatio(),
        looked.time(),
        trained.quality(),
        trained.qualityCi95(),
        total(trial),
        folds,
        values.length == 0 ? null : MeanInterval.mean(values),
        MeanInterval.of95(values).map(Interval::toArray).orElse(null));
  }

  // --- the end

  private TuneReport close(List<Finalist> finalists) throws IOException {
    listener.accept(new TuneEvent.Phase("best", secondsSoFar()));
    Finalist best = finalists.get(0);
    place(model(best), request.out().resolve("best"));
    Packed packed = pack();
    Ranked ranked = cancelled ? null : rank(finalists);
    delete(work().resolve("dev.safetensors"));
    TuneReport report =
        new TuneReport(
            prepared.inspection(),
            prepared.trainRows(),
            prepared.devRows(),
            seconds(request.budget()),
            secondsSoFar(),
            counts(),
            new TuneReport.Mean(
                prepared.meanQuality(),
                prepared.meanTime(),
                prepared.meanQuality() + prepared.meanTime()),
            best,
            history,
            finalists,
            TuneStatistics.importance(done(0)),
            ranked,
            packed,
            findings);
    AtomicFile.writeString(
        request.out().resolve("report.json"), PRETTY.writeValueAsString(report) + "\n");
    listener.accept(
        new TuneEvent.Finished(
            request.out().resolve("best").toString(), best.spec(), best.total(), secondsSoFar()));
    return report;
  }

  private @Nullable Packed pack() {
    Path zip = request.out().resolve("best.zip");
    try {
      Packed packed =
          crew.run(
              0,
              new TrialTask.Pack(request.out().resolve("best").toAbsolutePath(), zip, !cancelled),
              Packed.class,
              Duration.ofMinutes(2));
      if (packed.verified() == null) {
        findings.add("The zip is not verified: there is no Python with torch.");
      }
      return packed;
    } catch (TaskFault | CancellationException fault) {
      findings.add("There is no zip: " + fault.getMessage());
      return null;
    }
  }

  private @Nullable Ranked rank(List<Finalist> finalists) {
    double left = seconds(request.budget()) - secondsSoFar();
    int poolers = 1 + Math.min(RANKED, finalists.size());
    if (left < SECONDS_TO_RANK * poolers) {
      findings.add("There was no time to rank the finalists under other assumptions.");
      return null;
    }
    Map<String, Path> models = new LinkedHashMap<>();
    for (Finalist finalist : finalists.subList(0, poolers - 1)) {
      models.put("trial-" + finalist.trial(), model(finalist));
    }
    models.put(Contest.REFERENCE, request.out());
    try {
      boolean all = left > SECONDS_TO_RANK_ALL * poolers;
      return crew.run(
          0,
          new TrialTask.Rank(models, all),
          Ranked.class,
          Duration.ofMillis((long) (left * 1000)));
    } catch (TaskFault | CancellationException fault) {
      findings.add("The finalists are not ranked: " + fault.getMessage());
      return null;
    }
  }

  private Map<String, Integer> counts() {
    Map<String, Integer> counts = new TreeMap<>();
    trials.forEach(
        trial -> counts.merge(trial.state().name().toLowerCase(Locale.ROOT), 1, Integer::sum));
    return counts;
  }

  /** The trials, with what became of each. */
  public synchronized List<Trial> trials() {
    return List.copyOf(trials);
  }

  private Path trialsFile() {
    return request.out().resolve("trials.jsonl");
  }

  private Path work() {
    return request.out().resolve("work").toAbsolutePath();
  }

  private Path model(int candidate, int rung) {
    return work().resolve("candidate-" + candidate + "-" + rung);
  }

  private Path model(Finalist finalist) {
    Trial trial = trials.get(finalist.trial() - 1);
    return model(trial.candidate(), trial.rung());
  }

  private static double total(Trial trial) {
    return Objects.requireNonNull(trial.total());
  }

  private Duration left(double end) {
    // The first trial has as long as it takes, or nothing would come of a small budget.
    return trials.isEmpty()
        ? Duration.ofHours(1)
        : Duration.ofMillis((long) Math.max(1, (end - secondsSoFar()) * 1000));
  }

  private double secondsSoFar() {
    return (System.nanoTime() - start) / 1e9;
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1e3;
  }

  /** Copies a model's two files. */
  private static void place(Path model, Path target) throws IOException {
    Files.createDirectories(target);
    for (String name : List.of("model.safetensors", "pooler.json")) {
      Files.copy(model.resolve(name), target.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static void delete(Path path) {
    try {
      if (Files.isDirectory(path)) {
        try (var files = Files.list(path)) {
          for (Path file : files.toList()) {
            Files.delete(file);
          }
        }
      }
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
