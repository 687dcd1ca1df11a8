package dev.poolmark.evaluator.sentences;

import java.io.IOException;

/** Reads a corpus, a document a row. */
record CorpusReader(TextLines lines) implements RowReader<Document> {

  @Override
  public Document next() throws IOException {
    String text = lines.next();
    if (text != null && text.isBlank()) {
      throw lines.bad("a document", "an empty row");
    }
    return text == null ? null : new Document(text);
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
