package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.dataset.Layout;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.score.ScoreFormula;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** What a tuning and each of its trials are told alike. */
final class TuneOptions {

  @Option(
      names = "--dev",
      paramLabel = "DIR|FILE",
      description =
          "Pairs that choose among the trials, a folder, or a file of sentences as --pairs; without"
              + " it, a part of the data that shares no sentence with the rest.")
  private @Nullable Path dev;

  @Option(
      names = "--dev-share",
      paramLabel = "SHARE",
      defaultValue = "0.15",
      description = "Without --dev: the share of the pairs that is kept for it (${DEFAULT-VALUE}).")
  double devShare;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description =
          "The folder for best/, best.zip, trials.jsonl, report.json and report.html, new or, with"
              + " --resume, an earlier tuning's.")
  Path out;

  @Option(
      names = "--budget",
      paramLabel = "TIME",
      defaultValue = "10m",
      converter = Time.class,
      description = "How long it may take in all, as 90s, 10m or 2h (${DEFAULT-VALUE}).")
  Duration budget;

  @Option(names = "--trials", paramLabel = "N", description = "At most so many trials.")
  @Nullable Integer trials;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of the search, and of each training (${DEFAULT-VALUE}).")
  long seed;

  @Mixin private FormulaOption formulas;

  @Option(
      names = "--refit",
      description =
          "Train the best once more on the dev pairs, too, for as many epochs; the figures of the"
              + " report belong to the model before it.")
  boolean refit;

  @Option(names = "--resume", description = "Go on with the trials of an earlier tuning in --out.")
  boolean resume;

  /** Opens the dev pairs in the way of the data. */
  Optional<TokenStore> openDev(DataOptions data) throws IOException {
    return dev == null ? Optional.empty() : Optional.of(data.openOther(dev, Layout.PAIRS));
  }

  ScoreFormula formula() throws IOException {
    return formulas.formula();
  }

  /** Reads {@code 90s}, {@code 10m}, {@code 2h}; a plain number is in seconds. */
  static final class Time implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String text) {
      if (!text.matches("[0-9]{1,6}([.][0-9]{1,3})?[smh]?")) {
        throw bad(text);
      }
      char unit = text.charAt(text.length() - 1);
      double number = Double.parseDouble(text.replaceAll("[smh]", ""));
      double seconds = unit == 'h' ? number * 3600 : unit == 'm' ? number * 60 : number;
      if (seconds <= 0) {
        throw bad(text);
      }
      return Duration.ofMillis((long) (seconds * 1000));
    }

    private static TypeConversionException bad(String text) {
      return new TypeConversionException(
          String.format(
              Locale.ROOT, "expected a time above 0 such as 90s, 10m or 2h, found '%s'", text));
    }
  }
}
