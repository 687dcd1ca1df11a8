package dev.poolmark.evaluator.encoding;

import dev.poolmark.evaluator.dataset.Layout;
import dev.poolmark.evaluator.sentences.SentenceFile;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * What is to be encoded, and where to.
 *
 * @param rows pairs or triplets
 * @param corpus documents that the triplets' anchors search
 * @param sources whether {@code pairs.tsv} names its columns and has each pair's source in a fourth
 * @param out a folder for the text files and the token stores; made where it is missing
 */
public record EncodeRequest(
    SentenceFile rows, Optional<SentenceFile> corpus, boolean sources, Path out) {
  public EncodeRequest {
    Objects.requireNonNull(rows, "rows");
    Objects.requireNonNull(out, "out");
    if (corpus.isPresent() && rows.layout() != Layout.TRIPLETS) {
      throw new IllegalArgumentException("a corpus is searched by triplets' anchors");
    }
    if (sources && rows.layout() != Layout.PAIRS) {
      throw new IllegalArgumentException("pairs have sources, found " + rows.layout().key());
    }
  }
}
