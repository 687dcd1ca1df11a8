package dev.poolmark.evaluator.score;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.evaluator.metric.Metric;
import dev.poolmark.evaluator.metric.Replicates;
import dev.poolmark.evaluator.score.Measured.Timed;
import dev.poolmark.evaluator.score.Ranking.Change;
import dev.poolmark.evaluator.score.Ranking.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RankingTest {

  private static final Setting FRESH = new Setting("fresh", 64);
  private static final Setting COLD = new Setting("cold", 64);
  private static final Setting SINGLE = new Setting("fresh", 1);
  private static final int REPLICATES = 1000;

  @TempDir Path folder;

  @Test
  void regretsAreWhatAPoolerLosesToTheBestOfEachScenario() {
    Contender fast = contender("fast", 0.80, 0.1, 0.2, 0);
    Contender good = contender("good", 0.85, 1, 1, 0);
    List<Scenario> scenarios =
        List.of(scenario("reciprocal:half=1", FRESH), scenario("reciprocal:half=9", FRESH));
    // half 1: 64 + 20/1.1 against 68 + 10; half 9: 64 + 20/(1 + 1/90) against 68 + 18
    double lostByGood = 64 + 20 / 1.1 - 78;
    double lostByFast = 86 - (64 + 20 / (1 + 0.1 / 9));

    Ranking ranking =
        Ranking.of(List.of(fast, good), List.of("broken"), ScoreFormula.DEFAULT, scenarios);
    assertEquals(List.of("good", "fast", "broken"), specs(ranking));
    Place first = ranking.poolers().get(0);
    assertEquals(1, first.place());
    assertEquals(0.5, first.bestIn());
    assertEquals(lostByGood, first.regretMax(), 1e-9);
    assertEquals(lostByGood / 2, first.regretMean(), 1e-9);
    Place second = ranking.poolers().get(1);
    assertEquals(2, second.place());
    assertEquals(lostByFast, second.regretMax(), 1e-9);
    assertEquals(List.of("fast", "good"), ranking.scenarios().stream().map(s -> s.best()).toList());
    assertEquals("fast", ranking.recommended());
    assertNull(ranking.poolers().get(2).place());
  }

  @Test
  void theHalfAtWhichTheBestPoolerChangesIsSolvedFor() {
    Contender fast = contender("fast", 0.80, 0.1, 0.1, 0);
    Contender good = contender("good", 0.85, 1, 1, 0);
    Ranking ranking =
        Ranking.of(
            List.of(fast, good),
            List.of(),
            ScoreFormula.DEFAULT,
            List.of(scenario("reciprocal:half=27", FRESH)));
    assertEquals("good", ranking.recommended());
    assertEquals(1, ranking.instead().size());
    Change change = ranking.instead().get(0);
    // 20 / (1 + 0.1/h) - 20 / (1 + 1/h) = 4 gives h^2 - 3.4 h + 0.1 = 0
    double above = (3.4 + Math.sqrt(3.4 * 3.4 - 0.4)) / 2;
    double below = (3.4 - Math.sqrt(3.4 * 3.4 - 0.4)) / 2;
    assertEquals(
        "fast instead, if " + Points.brief(below) + " < half < " + Points.brief(above),
        change.sentence());
  }

  @Test
  void aChangeIsToldForEachRespectInWhichScenariosDiffer() {
    Contender steady = contender("steady", 0.80, 1, 1, 0);
    Contender cached = contender("cached", 0.80, 0.1, 30, 0);
    Ranking ranking =
        Ranking.of(
            List.of(steady, cached),
            List.of(),
            ScoreFormula.DEFAULT,
            List.of(scenario("reciprocal:half=9", FRESH), scenario("reciprocal:half=9", COLD)));
    assertEquals("steady", ranking.recommended());
    assertTrue(ranking.instead().contains(new Change("cached", "protocol = fresh")));
    assertTrue(
        ranking.instead().contains(new Change("cached", "whatever half is, under the formula")));
  }

  @Test
  void poolersThatCannotBeToldApartShareAPlaceEachWithEach() {
    Contender a = contender("a", 0.80, 1, 1, 0.9);
    Contender b = contender("b", 0.795, 1, 1, 0.9);
    Contender c = contender("c", 0.78, 1, 1, 0.9);
    Contender d = contender("d", 0.6, 1, 1, 0.9);
    Ranking ranking =
        Ranking.of(
            List.of(d, b, c, a),
            List.of(),
            ScoreFormula.DEFAULT,
            List.of(scenario("linear:half=3", FRESH)));
    assertEquals(List.of("a", "b", "c", "d"), specs(ranking));
    assertEquals(List.of(1, 1, 1, 4), ranking.poolers().stream().map(Place::place).toList());
    assertEquals(List.of("b", "c"), ranking.poolers().get(0).tiedWith());
    assertEquals(List.of("a", "c"), ranking.poolers().get(1).tiedWith());
    assertEquals(List.of(), ranking.poolers().get(3).tiedWith());

    Contender close = contender("close", 0.779, 1, 1, 0);
    Ranking paired =
        Ranking.of(
            List.of(contender("sure", 0.78, 1, 1, 0), close),
            List.of(),
            ScoreFormula.DEFAULT,
            List.of(scenario("linear:half=3", FRESH)));
    assertEquals(List.of(1, 2), paired.poolers().stream().map(Place::place).toList());
  }

  @Test
  void halvesOfAnAbsoluteCurveAreMicroseconds() {
    ScoreFormula absolute =
        new ScoreFormula(
            ScoreFormula.DEFAULT.quality(),
            Mixture.of(
                new TimeFormula(TimeCurve.RECIPROCAL, Clock.ABSOLUTE, 180, Optional.empty()),
                "mine"));
    Ranking ranking =
        Ranking.of(
            List.of(contender("fast", 0.80, 0.1, 0.1, 0), contender("good", 0.85, 1, 1, 0)),
            List.of(),
            absolute,
            List.of(scenario("reciprocal:half=540us", FRESH)));
    double above = 20 * (3.4 + Math.sqrt(3.4 * 3.4 - 0.4)) / 2;
    assertTrue(
        ranking.instead().get(0).condition().endsWith("< half < " + Points.brief(above) + "us"),
        ranking.instead().toString());
  }

  @Test
  void theUsualScenariosAreAllThatIsNotKnown() {
    List<Scenario> usual = Scenario.usual(List.of(FRESH, COLD, SINGLE));
    assertEquals(3 * 12 * 2, usual.size());
    assertEquals(usual.size(), usual.stream().distinct().count());
    for (TimeFormula curve : Scenario.CURVES) {
      assertEquals(curve, TimeFormula.parse(curve.spec()));
    }
  }

  @Test
  void theScenariosOfAnEnsembleAreItsFormulasAsOftenAsTheyWeigh() {
    ScoreFormula ensemble =
        new ScoreFormula(
            ScoreFormula.DEFAULT.quality(),
            new Mixture<>(
                List.of(
                    new Mixture.Member<>(TimeFormula.reciprocal(2), 0.25),
                    new Mixture.Member<>(TimeFormula.reciprocal(9).at(COLD), 0.75)),
                "mine"));
    List<Scenario> scenarios = Scenario.of(ensemble, FRESH);
    assertEquals(50, scenarios.stream().filter(s -> s.time().half() == 2).count());
    assertEquals(150, scenarios.stream().filter(s -> s.setting().equals(COLD)).count());
  }

  @Test
  void aFileListsScenarios() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("scenarios.json"),
            """
            {"protocols": ["cold"], "batch_sizes": [64],
             "curves": ["reciprocal:half=0.5", "exponential:half=30us"],
             "metrics": ["dot_pearson"]}
            """);
    List<Scenario> scenarios = ScenarioFile.read(file, List.of(FRESH, COLD));
    assertEquals(
        List.of("reciprocal:half=0.5", "exponential:half=30us"),
        scenarios.stream().map(s -> s.time().spec()).toList());
    assertEquals(COLD, scenarios.get(0).setting());
    assertEquals(Metric.DOT_PEARSON, scenarios.get(0).quality().metric());
    Files.writeString(file, "{}");
    assertEquals(Scenario.usual(List.of(FRESH)), ScenarioFile.read(file, List.of(FRESH)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"curves": ["steep:half=1"]} | curves: curve: expected one of reciprocal
          {"curves": ["reciprocal"]} | curves: expected CURVE:half=NUMBER, or NUMBERus
          {"curves": ["reciprocal:half=0"]} | curves: half: expected a number above 0, found 0
          {"curves": []} | curves: expected a list, found []
          {"metrics": ["cosine"]} | metrics: expected one of cosine_pearson
          {"protocols": ["hot"]} | hot, batches of 64: expected one of fresh, batches of 64
          {"batch_sizes": [7]} | fresh, batches of 7: expected one of fresh, batches of 64
          {"curve": ["reciprocal:half=1"]} | expected protocols, batch_sizes, curves or metrics, found 'curve'
          [] | expected an object with protocols
          { | expected JSON, found
          """)
  void aBadFileOfScenariosIsRefusedInOneLine(String text, String expected) throws IOException {
    Path file = Files.writeString(folder.resolve("bad.json"), text);
    String message =
        assertThrows(BadScoreInputException.class, () -> ScenarioFile.read(file, List.of(FRESH)))
            .getMessage();
    assertTrue(message.startsWith(file + ": " + expected), message);
    assertEquals(1, message.lines().count());
  }

  @Test
  void theRecommendedPoolerLosesLeastWhateverTheOrderTheyComeIn() {
    for (int seed = 0; seed < 50; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      List<Contender> contenders = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        contenders.add(
            contender(
                "p" + i,
                random.nextDouble(0.7, 0.9),
                random.nextDouble(0.05, 3),
                random.nextDouble(0.05, 3),
                0.2));
      }
      List<Scenario> scenarios = Scenario.usual(List.of(FRESH, COLD));
      Ranking ranking = Ranking.of(contenders, List.of(), ScoreFormula.DEFAULT, scenarios);
      Place least =
          ranking.poolers().stream()
              .min(Comparator.comparingDouble(Place::regretMean))
              .orElseThrow();
      assertEquals(least.spec(), ranking.recommended(), "seed " + seed);
      assertEquals(
          1, ranking.poolers().stream().mapToDouble(Place::bestIn).sum(), 1e-9, "seed " + seed);
      assertTrue(
          ranking.poolers().stream().allMatch(p -> p.regretMean() <= p.regretMax()),
          "seed " + seed);
    }
  }

  private static List<String> specs(Ranking ranking) {
    return ranking.poolers().stream().map(Place::spec).toList();
  }

  private static Scenario scenario(String curve, Setting setting) {
    return new Scenario(QualityFormula.DEFAULT, TimeFormula.parse(curve).at(setting));
  }

  /** One whose total is known up to so many points. */
  private static Contender contender(
      String spec, double quality, double ratio, double cold, double deviation) {
    Measured measured =
        new Measured(
            spec,
            Map.of(Metric.COSINE_SPEARMAN, quality, Metric.COSINE_PEARSON, quality),
            Map.of(FRESH, new Timed(ratio, 20), COLD, new Timed(cold, 20)),
            FRESH);
    double total =
        ScoreFormula.DEFAULT.quality().mean(measured::points)
            + ScoreFormula.DEFAULT.time().mean(measured::points);
    SplittableRandom random = new SplittableRandom(spec.hashCode());
    double[] totals = new double[REPLICATES];
    for (int i = 0; i < REPLICATES; i++) {
      totals[i] = total + deviation * random.nextGaussian();
    }
    return new Contender(spec, measured, total, null, new Replicates(totals));
  }
}
