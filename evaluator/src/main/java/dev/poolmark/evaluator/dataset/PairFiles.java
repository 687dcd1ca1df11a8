package dev.poolmark.evaluator.dataset;

import dev.poolmark.evaluator.files.BadDataException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The files of labelled pairs.
 *
 * @param first token embeddings of the first sentences (the contest's File 2)
 * @param second token embeddings of the second sentences (File 3)
 * @param labels the label of each pair, 0 to 5 (File 4)
 * @param pairs the sentences themselves and, again, the labels (File 1)
 */
public record PairFiles(Path first, Path second, Path labels, Optional<Path> pairs)
    implements DataFiles {

  /**
   * Checks that the files are there.
   *
   * @throws BadDataException naming the one that is not
   */
  public PairFiles {
    DataFiles.check(Stream.concat(Stream.of(first, second, labels), pairs.stream()));
  }

  /**
   * {@code first.txt}, {@code second.txt}, {@code labels.txt} and, where there is one, {@code
   * pairs.tsv} of a folder, each also as {@code .gz}.
   *
   * @throws BadDataException naming the one that is missing
   */
  public static PairFiles in(Path folder) {
    DataFiles.checkFolder(folder, "first.txt, second.txt and labels.txt");
    if (DataFiles.find(folder, Side.FIRST.fileName()).isEmpty() && TripletFiles.areIn(folder)) {
      throw new BadDataException(
          folder,
          "labelled pairs, first.txt, second.txt and labels.txt",
          "triplets; see 'poolmark triplets --data'");
    }
    return new PairFiles(
        DataFiles.required(folder, Side.FIRST.fileName()),
        DataFiles.required(folder, Side.SECOND.fileName()),
        DataFiles.required(folder, Numbers.LABELS.fileName()),
        DataFiles.find(folder, Layout.PAIRS.texts()));
  }

  @Override
  public Layout layout() {
    return Layout.PAIRS;
  }

  @Override
  public List<Path> tokens() {
    return List.of(first, second);
  }

  @Override
  public Optional<Path> numbers() {
    return Optional.of(labels);
  }

  @Override
  public Optional<Path> texts() {
    return pairs;
  }
}
