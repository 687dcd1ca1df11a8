package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.files.TextLines;
import dev.poolmark.evaluator.folder.ModelFolder;
import dev.poolmark.evaluator.metric.Similarity;
import dev.poolmark.evaluator.text.SentenceEmbedder;
import dev.poolmark.evaluator.text.TextModel;
import dev.poolmark.evaluator.text.TopHits;
import dev.poolmark.evaluator.text.TopHits.Hit;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Finds the texts of a file that are closest to a query. */
@Command(
    name = "search",
    mixinStandardHelpOptions = true,
    description = "Find the rows of a file that are closest to a query, best first.")
final class SearchCommand implements Callable<Integer> {

  /** Rows that are embedded at once: enough to find many of like length. */
  private static final int WINDOW = 1024;

  @Spec private CommandSpec spec;
  @Mixin private EncoderOptions encoders;
  @Mixin private PluginOptions plugins;
  @Mixin private FormatOption format;

  @Option(
      names = "--query",
      paramLabel = "TEXT",
      required = true,
      description = "The text to search for.")
  private String query;

  @Option(
      names = "--docs",
      paramLabel = "FILE",
      required = true,
      description = "A text in each row, in UTF-8, plain or .gz. Blank rows are skipped.")
  private Path docs;

  @Option(
      names = "--top-k",
      paramLabel = "K",
      defaultValue = "10",
      description = "How many rows are listed (${DEFAULT-VALUE}).")
  private int topK;

  @Option(
      names = "--score",
      paramLabel = "cosine|dot|euclidean|manhattan",
      description =
          "How closeness is measured. Distances count negative. Without it, as the model has it.")
  private @Nullable Similarity score;

  @Option(
      names = "--pooler",
      paramLabel = "SPEC",
      description = "A pooler. Without it, the model's own, or the mean of the bundled encoders.")
  private @Nullable String pooler;

  @Override
  public Integer call() throws IOException {
    if (topK < 1) {
      throw new ParameterException(
          spec.commandLine(), "--top-k: expected at least 1, found " + topK);
    }
    try (TextModel model = encoders.open(plugins.catalog(), pooler)) {
      float[] sought = model.embedder(ModelFolder::forQueries).embed(List.of(query)).get(0);
      print(search(sought, model.embedder(ModelFolder::forDocuments)));
    }
    return ExitCode.DONE;
  }

  private List<Hit> search(float[] sought, SentenceEmbedder documents) throws IOException {
    Similarity similarity = score == null ? encoders.similarity() : score;
    TopHits hits = new TopHits(topK);
    try (TextLines lines = TextLines.open(docs)) {
      List<Row> window = next(lines);
      if (window.isEmpty()) {
        throw new BadDataException(docs, "at least one row of text", "none");
      }
      while (!window.isEmpty()) {
        List<float[]> embeddings = documents.embed(window.stream().map(Row::text).toList());
        for (int i = 0; i < window.size(); i++) {
          Row row = window.get(i);
          hits.add(new Hit(similarity.of(sought, embeddings.get(i)), row.number(), row.text()));
        }
        window = next(lines);
      }
    }
    return hits.best();
  }

  private record Row(long number, String text) {}

  private static List<Row> next(TextLines lines) throws IOException {
    List<Row> window = new ArrayList<>();
    while (window.size() < WINDOW) {
      String text = lines.nextText();
      if (text == null) {
        break;
      }
      window.add(new Row(lines.row(), text));
    }
    return window;
  }

  private void print(List<Hit> hits) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    if (format.isJson()) {
      out.println(FormatOption.json(hits));
      return;
    }
    out.printf(Locale.ROOT, "%8s %6s  %s%n", "score", "row", "text");
    for (Hit hit : hits) {
      out.printf(Locale.ROOT, "%8.4f %6d  %s%n", hit.score(), hit.row(), hit.text());
    }
  }
}
