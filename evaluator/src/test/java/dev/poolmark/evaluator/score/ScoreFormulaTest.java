package dev.poolmark.evaluator.score;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.evaluator.metric.Metric;
import dev.poolmark.evaluator.metric.Replicates;
import dev.poolmark.evaluator.score.Mixture.Member;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScoreFormulaTest {

  @TempDir Path folder;

  @Test
  void defaultsAreThoseOfTheDesign() {
    ScoreFormula formula = ScoreFormula.DEFAULT;
    assertEquals(71.76, formula.quality().mean(f -> f.points(0.897)), 1e-12);
    assertEquals(18, formula.time().mean(f -> f.points(1, 20)), 1e-12);
    assertEquals(10, formula.time().mean(f -> f.points(9, 20)), 1e-12);
    assertEquals(Metric.COSINE_SPEARMAN, formula.quality().likeliest().metric());
  }

  @Test
  void pointsStayInsideTheOpenIntervals() {
    QualityFormula quality = QualityFormula.DEFAULT;
    for (double correlation : new double[] {-1, -0.3, 0, 1}) {
      assertTrue(quality.points(correlation) > 0 && quality.points(correlation) < 80);
    }
    assertEquals(0, quality.points(OptionalDouble.empty()), "what is undefined has no points");
    for (TimeCurve curve : TimeCurve.values()) {
      TimeFormula time = new TimeFormula(curve, Clock.RELATIVE, 9, Optional.empty());
      for (double ratio : new double[] {0, 1e-30, 1e30, Double.POSITIVE_INFINITY}) {
        double points = time.points(ratio, 20);
        assertTrue(points > 0 && points < 20, curve + " of " + ratio);
      }
    }
  }

  @Test
  void descriptionsSayTheFormulaAndThatItIsAssumed() {
    assertEquals(
        "80 * max(0, cosine_spearman) (assumption: the grader's formula is not published)",
        ScoreFormula.DEFAULT.quality().describe());
    assertEquals(
        "20 / (1 + r/9), r = its time over the reference's"
            + " (assumption: the grader's formula is not published)",
        ScoreFormula.DEFAULT.time().describe());
    assertEquals(
        "80 * min(1, 1.05 * max(0, dot_pearson)^2.5) (mine)",
        Mixture.of(new QualityFormula(Metric.DOT_PEARSON, 1.05, 2.5), "mine").describe());
    assertEquals(
        "mean of 2 formulas, one of them 20 * 2^(-t/30), t = its microseconds per sentence"
            + " (cold, batches of 16) (mine)",
        ensemble().time().describe());
  }

  @Test
  void everyCurveLeavesHalfOfThePointsAtItsHalf() {
    for (TimeCurve curve : TimeCurve.values()) {
      TimeFormula relative = new TimeFormula(curve, Clock.RELATIVE, 2, Optional.empty());
      assertEquals(10, relative.points(2, 20), 1e-9);
      assertTrue(relative.points(1, 20) > 10 && relative.points(3, 20) < 10, curve.key());
      TimeFormula absolute = new TimeFormula(curve, Clock.ABSOLUTE, 40, Optional.empty());
      assertEquals(10, absolute.points(2, 20), 1e-9);
    }
    assertEquals(
        5,
        new TimeFormula(TimeCurve.EXPONENTIAL, Clock.RELATIVE, 2, Optional.empty()).points(4, 1),
        1e-9);
    assertEquals(
        15,
        new TimeFormula(TimeCurve.LINEAR, Clock.RELATIVE, 2, Optional.empty()).points(1, 1),
        1e-9);
    assertEquals(
        5,
        new TimeFormula(TimeCurve.LOGARITHMIC, Clock.RELATIVE, 2, Optional.empty()).points(20, 1),
        1e-9);
  }

  @Test
  void anEnsembleGivesTheMeanOfItsMembersAndTheirSpread() {
    Mixture<QualityFormula> quality = ensemble().quality();
    assertEquals(0.25 * 80 * 0.8 + 0.75 * 80 * 0.64, quality.mean(f -> f.points(0.8)), 1e-9);
    assertEquals(2, quality.likeliest().power());
    double[] spread =
        quality
            .spread(f -> new Replicates(new double[] {f.power(), f.power(), f.power(), f.power()}))
            .values();
    Arrays.sort(spread);
    assertArrayEquals(new double[] {1, 2, 2, 2}, spread);
    assertEquals(Set.of(new Setting("cold", 16)), ensemble().settings());
    assertThrows(
        IllegalArgumentException.class,
        () -> new Mixture<>(List.of(new Member<>(QualityFormula.DEFAULT, 0.5)), "half of one"));
  }

  private static ScoreFormula ensemble() {
    return new ScoreFormula(
        new Mixture<>(
            List.of(
                new Member<>(new QualityFormula(Metric.COSINE_PEARSON, 1, 1), 0.25),
                new Member<>(new QualityFormula(Metric.COSINE_SPEARMAN, 1, 2), 0.75)),
            "mine"),
        new Mixture<>(
            List.of(
                new Member<>(TimeFormula.reciprocal(9), 0.4),
                new Member<>(
                    new TimeFormula(
                        TimeCurve.EXPONENTIAL,
                        Clock.ABSOLUTE,
                        30,
                        Optional.of(new Setting("cold", 16))),
                    0.6)),
            "mine"));
  }

  @Test
  void writtenFormulaReadsBackTheSame() throws IOException {
    ScoreFormula formula =
        new ScoreFormula(
            Mixture.of(new QualityFormula(Metric.EUCLIDEAN_PEARSON, 1.0 / 3, 1.7), "fitted"),
            Mixture.of(TimeFormula.reciprocal(0.1 + 0.2), "guessed"));
    Path file = folder.resolve("formula.json");
    ScoreFormula.DEFAULT.write(file);
    formula.write(file);
    assertEquals(formula, ScoreFormula.read(file));
    ensemble().write(file);
    assertEquals(ensemble(), ScoreFormula.read(file));
    try (var files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"quality": | expected JSON, found
          [1] | the formula: expected an object with quality, time, found [1]
          `` | the formula: expected an object with quality, time, found
          {"quality": {}} | the formula: expected 'time', found none
          {"quality": 1, "time": Q} | quality: expected an object with metric, scale
          {"quality": {"metric": "cosine_spearman", "scale": 1}, "time": T} | quality: expected 'power', found none
          {"quality": {"metric": "cosine", "scale": 1, "power": 1, "origin": "a"}, "time": T} | quality.metric: expected one of cosine_pearson
          {"quality": {"metric": "dot_pearson", "scale": -1, "power": 1, "origin": "a"}, "time": T} | quality.scale: expected a number above 0, found -1
          {"quality": {"metric": "dot_pearson", "scale": "1", "power": 1, "origin": "a"}, "time": T} | quality.scale: expected a number above 0, found "1"
          {"quality": {"metric": "dot_pearson", "scale": 1, "power": 1e999, "origin": "a"}, "time": T} | quality.power: expected a number above 0, found Infinity
          {"quality": {"metric": "dot_pearson", "scale": 1, "power": 1, "origin": " "}, "time": T} | quality.origin: expected one line
          {"quality": Q, "time": {"half": 0, "origin": "a"}} | time.half: expected a number above 0, found 0
          {"quality": Q, "time": {"half": 9, "origin": "a", "extra": 1}} | time: expected half, origin, found 'extra'
          {"quality": Q, "time": {"half": 9, "origin": "a", "curve": "steep"}} | time.curve: expected one of reciprocal, exponential, linear, logarithmic, found 'steep'
          {"quality": Q, "time": {"half": 9, "origin": "a", "clock": "wall"}} | time.clock: expected relative or absolute, found 'wall'
          {"quality": Q, "time": {"half": 9, "origin": "a", "protocol": "hot"}} | time.protocol: expected a protocol together with a batch_size
          {"quality": Q, "time": {"half": 9, "origin": "a", "protocol": "warm", "batch_size": 1}} | time.protocol: expected fresh, cold or hot, found 'warm'
          {"quality": Q, "time": {"origin": "a", "ensemble": []}} | time.weights: expected a sum of 1, found 0.0
          {"quality": Q, "time": {"origin": "a", "ensemble": [{"half": 9}]}} | time.ensemble[0]: expected 'weight', found none
          {"quality": Q, "time": {"origin": "a", "ensemble": [{"half": 9, "weight": 0.5}]}} | time.weights: expected a sum of 1, found 0.5
          {"quality": Q, "time": {"origin": "a", "ensemble": [{"half": 0, "weight": 1}]}} | time.ensemble[0].half: expected a number above 0, found 0
          {"quality": Q, "time": T} {} | expected JSON, found
          {"quality": Q, "quality": Q, "time": T} | expected JSON, found Duplicate
          """)
  void badFormulaFileIsRefusedInOneLine(String text, String expected) throws IOException {
    Path file = folder.resolve("bad.json");
    Files.writeString(
        file,
        text.replace(
                "Q", "{\"metric\": \"dot_pearson\", \"scale\": 1, \"power\": 1, \"origin\": \"a\"}")
            .replace("T", "{\"half\": 9, \"origin\": \"a\"}"));
    String message =
        assertThrows(BadScoreInputException.class, () -> ScoreFormula.read(file)).getMessage();
    assertTrue(message.startsWith(file + ": " + expected), message);
    assertEquals(1, message.lines().count());
  }
}
