package dev.poolmark.evaluator.sentences;

import dev.poolmark.evaluator.dataset.Layout;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.files.TextLines;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A text file of sentences.
 *
 * @param layout what its rows are
 * @param margins a file of triplets' margins, where they don't stand in the file itself
 */
public record SentenceFile(Path path, Layout layout, Optional<Path> margins) {

  public SentenceFile {
    if (margins.isPresent() && layout != Layout.TRIPLETS) {
      throw new IllegalArgumentException("only triplets have margins, found " + layout.key());
    }
  }

  /** Labelled pairs, as {@link PairsReader} reads them. */
  public static SentenceFile pairs(Path path) {
    return new SentenceFile(path, Layout.PAIRS, Optional.empty());
  }

  /** Triplets, as {@link TripletsReader} reads them. */
  public static SentenceFile triplets(Path path, Optional<Path> margins) {
    return new SentenceFile(path, Layout.TRIPLETS, margins);
  }

  /** A document a row. */
  public static SentenceFile corpus(Path path) {
    return new SentenceFile(path, Layout.CORPUS, Optional.empty());
  }

  /** Opens it. */
  public RowReader<? extends Row> open() throws IOException {
    return switch (layout) {
      case PAIRS -> PairsReader.open(path);
      case TRIPLETS -> TripletsReader.open(path, margins);
      case CORPUS -> new CorpusReader(TextLines.open(path));
    };
  }

  /**
   * Checks every row and counts them.
   *
   * @throws BadDataException at the first bad row, and where there are no rows
   */
  public long check() throws IOException {
    long rows = 0;
    try (RowReader<? extends Row> reader = open()) {
      while (reader.next() != null) {
        rows++;
      }
    }
    if (rows == 0) {
      throw new BadDataException(path, layout.key(), "an empty file");
    }
    return rows;
  }

  /** All files that the rows are read from. */
  public List<Path> files() {
    return Stream.concat(Stream.of(path), margins.stream()).toList();
  }
}
