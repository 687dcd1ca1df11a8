package dev.poolmark.evaluator.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poolmark.evaluator.SentenceEmbedder;
import dev.poolmark.evaluator.encoding.PromptedEncoder;
import dev.poolmark.evaluator.encoding.Triplet;
import dev.poolmark.evaluator.encoding.TripletsReader;
import dev.poolmark.evaluator.folder.ModelFolder;
import dev.poolmark.evaluator.metric.Similarity;
import dev.poolmark.evaluator.metric.TripletAccuracy;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Tells how often a positive is closer to its anchor than a negative. */
@Command(
    name = "triplets",
    mixinStandardHelpOptions = true,
    description = "Tell how often an anchor is closer to its positive than to its negative.")
final class TripletsCommand implements Callable<Integer> {

  private static final int WINDOW = 1024;

  @Spec private CommandSpec spec;
  @Mixin private EncoderOptions encoders;
  @Mixin private PluginOptions plugins;
  @Mixin private FormatOption format;

  @Option(
      names = "--triplets",
      paramLabel = "FILE",
      required = true,
      description = "Anchor, positive, negative and perhaps a margin a row, parted by tabs.")
  private Path triplets;

  @Option(
      names = "--pooler",
      paramLabel = "SPEC",
      description = "A pooler; without it, the model's own, or the mean of the bundled encoders.")
  private String pooler;

  @Override
  public Integer call() throws IOException {
    TripletsReader.check(triplets);
    PluginCatalog catalog = plugins.catalog();
    TripletAccuracy accuracy = new TripletAccuracy();
    try (PromptedEncoder encoder = encoders.open();
        SentenceEmbedder queries =
            encoders.embedder(encoder, catalog, pooler, ModelFolder::forQueries);
        SentenceEmbedder documents =
            encoders.embedder(encoder, catalog, pooler, ModelFolder::forDocuments);
        TripletsReader reader = TripletsReader.open(triplets)) {
      for (List<Triplet> window = next(reader); !window.isEmpty(); window = next(reader)) {
        List<float[]> anchors = queries.embed(window.stream().map(Triplet::anchor).toList());
        List<float[]> positives = documents.embed(window.stream().map(Triplet::positive).toList());
        List<float[]> negatives = documents.embed(window.stream().map(Triplet::negative).toList());
        for (int i = 0; i < window.size(); i++) {
          accuracy.add(anchors.get(i), positives.get(i), negatives.get(i));
        }
      }
    }
    print(accuracy);
    return ExitCode.DONE;
  }

  private static List<Triplet> next(TripletsReader reader) throws IOException {
    List<Triplet> window = new ArrayList<>();
    for (Triplet triplet; window.size() < WINDOW && (triplet = reader.next()) != null; ) {
      window.add(triplet);
    }
    return window;
  }

  private void print(TripletAccuracy accuracy) throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    ObjectNode figures = JsonNodeFactory.instance.objectNode().put("triplets", accuracy.count());
    for (Similarity similarity : Similarity.values()) {
      figures.put(similarity.key() + "_accuracy", accuracy.of(similarity));
    }
    if (format.isJson()) {
      out.println(FormatOption.json(figures));
      return;
    }
    figures
        .fields()
        .forEachRemaining(
            figure ->
                out.println(
                    figure.getValue().isDouble()
                        ? String.format(
                            Locale.ROOT,
                            "%-20s %.4f",
                            figure.getKey(),
                            figure.getValue().asDouble())
                        : String.format("%-20s %s", figure.getKey(), figure.getValue())));
  }
}
