package dev.poolmark.evaluator.sentences;

import dev.poolmark.evaluator.dataset.Numbers;
import dev.poolmark.evaluator.files.TextLines;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads sentence pairs row by row from a UTF-8 file, plain or {@code .gz}: the contest's File 1,
 * {@code sentence \t sentence \t label}, or one of the layouts in which STS-B is published; the
 * first row tells which, by its names or its columns. Columns are parted by tabs, and quotes are
 * literal characters.
 */
public final class PairsReader implements RowReader<SentencePair> {

  private final TextLines lines;
  private Optional<PairsLayout> layout = Optional.empty();

  private PairsReader(TextLines lines) {
    this.lines = lines;
  }

  public static PairsReader open(Path file) throws IOException {
    return new PairsReader(TextLines.open(file));
  }

  /** The source of each pair; empty where the file does not tell it. */
  public static Optional<List<String>> sources(Path file) throws IOException {
    List<String> sources = new ArrayList<>();
    try (PairsReader reader = open(file)) {
      for (SentencePair pair = reader.next(); pair != null; pair = reader.next()) {
        if (pair.source().isEmpty()) {
          return Optional.empty();
        }
        sources.add(pair.source().get());
      }
    }
    return Optional.of(sources);
  }

  @Override
  public @Nullable SentencePair next() throws IOException {
    String text = lines.next();
    if (text == null) {
      return null;
    }
    String[] row = text.split("\t", -1);
    if (layout.isEmpty()) {
      layout = PairsLayout.named(row);
      if (layout.isPresent()) {
        return next();
      }
      layout = PairsLayout.of(row);
    }
    PairsLayout known =
        layout.orElseThrow(
            () ->
                lines.bad(PairsLayout.KNOWN, "another layout of " + TextLines.columns(row.length)));
    if (!known.fits(row)) {
      throw lines.bad(known.expectation(), TextLines.columns(row.length));
    }
    return new SentencePair(
        row[known.first()],
        row[known.second()],
        label(row[known.label()]),
        known.source() < 0 ? Optional.empty() : Optional.of(row[known.source()]));
  }

  private double label(String spelling) {
    double label = Numbers.LABELS.parse(spelling);
    if (Double.isNaN(label)) {
      throw lines.bad(
          String.format(
              Locale.ROOT,
              "%s in column %d",
              Numbers.LABELS.expected(),
              layout.orElseThrow().label() + 1),
          TextLines.quoted(spelling));
    }
    return label;
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
