package dev.poolmark.evaluator.score;

import java.util.Locale;

/** What a curve takes a pooler's time to be. */
public enum Clock {
  /** Its time over the reference's. */
  RELATIVE("r", "", "its time over the reference's") {
    @Override
    double reading(double ratio, double referenceMicros) {
      return ratio;
    }
  },
  /** Its microseconds a sentence, whatever the reference takes. */
  ABSOLUTE("t", "us", "its microseconds per sentence") {
    @Override
    double reading(double ratio, double referenceMicros) {
      return ratio * referenceMicros;
    }
  };

  private final String symbol;
  private final String unit;
  private final String meaning;

  Clock(String symbol, String unit, String meaning) {
    this.symbol = symbol;
    this.unit = unit;
    this.meaning = meaning;
  }

  abstract double reading(double ratio, double referenceMicros);

  String symbol() {
    return symbol;
  }

  /** Of a half in a spec. */
  String unit() {
    return unit;
  }

  String meaning() {
    return meaning;
  }

  /** The name in files: {@code relative}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Clock of(String key) {
    for (Clock clock : values()) {
      if (clock.key().equals(key)) {
        return clock;
      }
    }
    throw new IllegalArgumentException("clock: expected relative or absolute, found '" + key + "'");
  }
}
