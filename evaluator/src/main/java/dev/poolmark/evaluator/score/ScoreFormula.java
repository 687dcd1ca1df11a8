package dev.poolmark.evaluator.score;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How points come from measurements. The contest publishes neither formula, so both can be replaced
 * by a file, see {@link FormulaFile}: by other formulas, or by several on a side, weighted.
 */
public record ScoreFormula(Mixture<QualityFormula> quality, Mixture<TimeFormula> time) {

  public static final ScoreFormula DEFAULT =
      of(QualityFormula.DEFAULT, TimeFormula.DEFAULT, Points.ASSUMED);

  public ScoreFormula {
    Objects.requireNonNull(quality, "quality");
    Objects.requireNonNull(time, "time");
  }

  public static ScoreFormula of(QualityFormula quality, TimeFormula time, String origin) {
    return new ScoreFormula(Mixture.of(quality, origin), Mixture.of(time, origin));
  }

  /** Whether it leaves several formulas possible on a side. */
  public boolean isEnsemble() {
    return quality.members().size() > 1 || time.members().size() > 1;
  }

  /** How time has to be taken for the formula; empty where any way will do. */
  public Set<Setting> settings() {
    return time.members().stream()
        .map(member -> member.formula().setting())
        .flatMap(Optional::stream)
        .collect(Collectors.toSet());
  }

  /**
   * Reads a formula file.
   *
   * @throws BadScoreInputException naming the file, the field, what was expected and what was found
   * @throws IOException where the file cannot be read
   */
  public static ScoreFormula read(Path file) throws IOException {
    return FormulaFile.read(file);
  }

  /** Writes the file that {@link #read} reads; an interrupted write leaves an old one as it was. */
  public void write(Path file) throws IOException {
    FormulaFile.write(this, file);
  }
}
