package dev.poolmark.evaluator.score;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.evaluator.metric.Metric;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScoreFormulaTest {

  @TempDir Path folder;

  @Test
  void defaultsAreThoseOfTheDesign() {
    ScoreFormula formula = ScoreFormula.DEFAULT;
    assertEquals(71.76, formula.quality().points(0.897), 1e-12);
    assertEquals(18, formula.time().points(1), 1e-12);
    assertEquals(10, formula.time().points(9), 1e-12);
    assertEquals(Metric.COSINE_SPEARMAN, formula.quality().metric());
  }

  @Test
  void pointsStayInsideTheOpenIntervals() {
    QualityFormula quality = ScoreFormula.DEFAULT.quality();
    for (double correlation : new double[] {-1, -0.3, 0, 1}) {
      assertTrue(quality.points(correlation) > 0 && quality.points(correlation) < 80);
    }
    assertEquals(0, quality.points(OptionalDouble.empty()), "what is undefined has no points");
    TimeFormula time = ScoreFormula.DEFAULT.time();
    for (double ratio : new double[] {0, 1e-30, 1e30, Double.POSITIVE_INFINITY}) {
      assertTrue(time.points(ratio) > 0 && time.points(ratio) < 20, "ratio " + ratio);
    }
  }

  @Test
  void descriptionsSayTheFormulaAndThatItIsAssumed() {
    assertEquals(
        "80 * max(0, cosine_spearman) (assumption: the grader's formula is not published)",
        QualityFormula.DEFAULT.describe());
    assertEquals(
        "20 / (1 + r/9), r = its time over the reference's"
            + " (assumption: the grader's formula is not published)",
        TimeFormula.DEFAULT.describe());
    assertEquals(
        "80 * min(1, 1.05 * max(0, dot_pearson)^2.5) (mine)",
        new QualityFormula(Metric.DOT_PEARSON, 1.05, 2.5, "mine").describe());
  }

  @Test
  void writtenFormulaReadsBackTheSame() throws IOException {
    ScoreFormula formula =
        new ScoreFormula(
            new QualityFormula(Metric.EUCLIDEAN_PEARSON, 1.0 / 3, 1.7, "fitted"),
            new TimeFormula(0.1 + 0.2, "guessed"));
    Path file = folder.resolve("formula.json");
    ScoreFormula.DEFAULT.write(file);
    formula.write(file);
    assertEquals(formula, ScoreFormula.read(file));
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
