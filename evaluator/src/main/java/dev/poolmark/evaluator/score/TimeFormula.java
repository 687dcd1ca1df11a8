package dev.poolmark.evaluator.score;

import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Points for time: 20 times a curve's share, kept a billionth of a point inside the open interval
 * (0, 20).
 *
 * @param half the time at which half of the points are left, above 0: a ratio, or microseconds a
 *     sentence
 * @param setting how the time is to be taken; empty where any will do
 */
public record TimeFormula(TimeCurve curve, Clock clock, double half, Optional<Setting> setting)
    implements Formula {

  /** The most there is to get. */
  public static final double MOST = 20;

  /** {@code 20 / (1 + r / 9)}, an assumption. */
  public static final TimeFormula DEFAULT = reciprocal(9);

  private static final Pattern SPEC =
      Pattern.compile("([a-z]+):half=([0-9]{1,9}(?:\\.[0-9]{1,9})?)(|us)");

  public TimeFormula {
    Objects.requireNonNull(curve, "curve");
    Objects.requireNonNull(clock, "clock");
    Objects.requireNonNull(setting, "setting");
    Points.positive("half", half);
  }

  /** {@code 20 / (1 + r / half)} of the time over the reference's. */
  public static TimeFormula reciprocal(double half) {
    return new TimeFormula(TimeCurve.RECIPROCAL, Clock.RELATIVE, half, Optional.empty());
  }

  /**
   * Points for a time.
   *
   * @param ratio the pooler's time over the reference's
   * @param referenceMicros the reference's microseconds a sentence
   */
  public double points(double ratio, double referenceMicros) {
    double share = curve.share(clock.reading(ratio, referenceMicros) / half);
    return Points.within(MOST * share, MOST);
  }

  TimeFormula withHalf(double other) {
    return new TimeFormula(curve, clock, other, setting);
  }

  /** The same, of a time that is taken so. */
  TimeFormula at(Setting how) {
    return new TimeFormula(curve, clock, half, Optional.of(how));
  }

  /** Without how the time is taken: {@code reciprocal:half=9}, {@code linear:half=30us}. */
  public String spec() {
    return curve.key() + ":half=" + Points.brief(half) + clock.unit();
  }

  /**
   * Reads what {@link #spec} gives.
   *
   * @throws IllegalArgumentException saying what was expected and what was found
   */
  static TimeFormula parse(String spec) {
    Matcher matcher = SPEC.matcher(spec);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "expected CURVE:half=NUMBER, or NUMBERus for microseconds per sentence, found '"
              + spec
              + "'");
    }
    return new TimeFormula(
        TimeCurve.of(matcher.group(1)),
        matcher.group(3).isEmpty() ? Clock.RELATIVE : Clock.ABSOLUTE,
        Double.parseDouble(matcher.group(2)),
        Optional.empty());
  }

  @Override
  public String formula() {
    return curve.formula(clock.symbol(), half)
        + ", "
        + clock.symbol()
        + " = "
        + clock.meaning()
        + setting.map(how -> " (" + how.describe() + ")").orElse("");
  }
}
