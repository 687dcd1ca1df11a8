package dev.poolmark.evaluator.dataset;

import dev.poolmark.evaluator.files.BadDataException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The files of a corpus, that triplets' anchors search.
 *
 * @param corpus token embeddings of the documents
 * @param documents the documents themselves: they tell which are the same
 */
public record CorpusFiles(Path corpus, Path documents) implements DataFiles {

  /**
   * Checks that the files are there.
   *
   * @throws BadDataException naming the one that is not
   */
  public CorpusFiles {
    DataFiles.check(Stream.of(corpus, documents));
  }

  /**
   * {@code corpus.txt} and {@code corpus.tsv} of a folder, each also as {@code .gz}; empty where it
   * has no corpus.
   *
   * @throws BadDataException where it has one of them only
   */
  public static Optional<CorpusFiles> in(Path folder) {
    return DataFiles.find(folder, Side.CORPUS.fileName())
        .map(tokens -> new CorpusFiles(tokens, documents(folder)));
  }

  private static Path documents(Path folder) {
    return DataFiles.required(folder, Layout.CORPUS.texts());
  }

  @Override
  public Layout layout() {
    return Layout.CORPUS;
  }

  @Override
  public List<Path> tokens() {
    return List.of(corpus);
  }

  @Override
  public Optional<Path> numbers() {
    return Optional.empty();
  }

  @Override
  public Optional<Path> texts() {
    return Optional.of(documents);
  }
}
