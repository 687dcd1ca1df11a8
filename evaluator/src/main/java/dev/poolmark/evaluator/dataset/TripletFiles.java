package dev.poolmark.evaluator.dataset;

import dev.poolmark.evaluator.files.BadDataException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The files of triplets.
 *
 * @param anchor token embeddings of the anchors
 * @param positive token embeddings of the sentences that are close to them
 * @param negative token embeddings of those that are less so
 * @param margins a teacher's margin of each triplet
 * @param triplets the sentences themselves and, perhaps again, the margins
 */
public record TripletFiles(
    Path anchor, Path positive, Path negative, Optional<Path> margins, Optional<Path> triplets)
    implements DataFiles {

  /**
   * Checks that the files are there.
   *
   * @throws BadDataException naming the one that is not
   */
  public TripletFiles {
    DataFiles.check(
        Stream.of(Stream.of(anchor, positive, negative), margins.stream(), triplets.stream())
            .flatMap(files -> files));
  }

  /**
   * {@code anchor.txt}, {@code positive.txt}, {@code negative.txt} and, where there are any, {@code
   * margins.txt} and {@code triplets.tsv} of a folder, each also as {@code .gz}.
   *
   * @throws BadDataException naming the one that is missing
   */
  public static TripletFiles in(Path folder) {
    DataFiles.checkFolder(folder, "anchor.txt, positive.txt and negative.txt");
    return new TripletFiles(
        DataFiles.required(folder, Side.ANCHOR.fileName()),
        DataFiles.required(folder, Side.POSITIVE.fileName()),
        DataFiles.required(folder, Side.NEGATIVE.fileName()),
        DataFiles.find(folder, Numbers.MARGINS.fileName()),
        DataFiles.find(folder, Layout.TRIPLETS.texts()));
  }

  /** Whether a folder holds triplets. */
  public static boolean areIn(Path folder) {
    return DataFiles.find(folder, Side.ANCHOR.fileName()).isPresent();
  }

  @Override
  public Layout layout() {
    return Layout.TRIPLETS;
  }

  @Override
  public List<Path> tokens() {
    return List.of(anchor, positive, negative);
  }

  @Override
  public Optional<Path> numbers() {
    return margins;
  }

  @Override
  public Optional<Path> texts() {
    return triplets;
  }
}
