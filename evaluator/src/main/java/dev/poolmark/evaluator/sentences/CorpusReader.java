package dev.poolmark.evaluator.sentences;

import dev.poolmark.evaluator.files.TextLines;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads a corpus, a document a row. */
record CorpusReader(TextLines lines) implements RowReader<Document> {

  @Override
  public @Nullable Document next() throws IOException {
    String text = lines.next();
    return text == null ? null : new Document(text);
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
