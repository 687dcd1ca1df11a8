package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.metric.Similarity;
import dev.poolmark.evaluator.sentences.PairsReader;
import dev.poolmark.evaluator.sentences.SentenceFile;
import dev.poolmark.evaluator.sentences.SentencePair;
import dev.poolmark.evaluator.text.SentenceEmbedder;
import dev.poolmark.evaluator.text.TextModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells how close sentences are. */
@Command(
    name = "similarity",
    mixinStandardHelpOptions = true,
    description = "Tell how close two sentences are, or the two of each row of a file.")
final class SimilarityCommand implements Callable<Integer> {

  private static final int WINDOW = 1024;

  @Spec private CommandSpec spec;
  @Mixin private EncoderOptions encoders;
  @Mixin private PluginOptions plugins;

  @Parameters(
      arity = "0..2",
      paramLabel = "SENTENCE",
      description = "Two sentences; their similarity is printed.")
  private List<String> sentences = List.of();

  @Option(
      names = "--pairs",
      paramLabel = "FILE",
      description =
          "Or a file as 'encode' reads it; a row of similarity, label and sentences is printed for"
              + " each, separated by tabs.")
  private @Nullable Path pairs;

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
    if (pairs == null ? sentences.size() != 2 : !sentences.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          String.format(
              Locale.ROOT,
              "expected either two sentences or --pairs, found %d sentence(s)%s",
              sentences.size(),
              pairs == null ? "" : " and --pairs"));
    }
    Similarity similarity = score == null ? encoders.similarity() : score;
    if (pairs != null) {
      SentenceFile.pairs(pairs).check();
    }
    try (TextModel model = encoders.open(plugins.catalog(), pooler)) {
      SentenceEmbedder embedder = model.embedder(UnaryOperator.identity());
      if (pairs == null) {
        List<float[]> embeddings = embedder.embed(sentences);
        spec.commandLine()
            .getOut()
            .println(digits(similarity.of(embeddings.get(0), embeddings.get(1))));
      } else {
        printPairs(pairs, embedder, similarity);
      }
    }
    return ExitCode.DONE;
  }

  private void printPairs(Path file, SentenceEmbedder embedder, Similarity similarity)
      throws IOException {
    PrintWriter out = spec.commandLine().getOut();
    try (PairsReader reader = PairsReader.open(file)) {
      for (List<SentencePair> window = reader.next(WINDOW);
          !window.isEmpty();
          window = reader.next(WINDOW)) {
        List<float[]> first = embedder.embed(window.stream().map(SentencePair::first).toList());
        List<float[]> second = embedder.embed(window.stream().map(SentencePair::second).toList());
        for (int i = 0; i < window.size(); i++) {
          SentencePair pair = window.get(i);
          out.printf(
              Locale.ROOT,
              "%s\t%s\t%s\t%s%n",
              digits(similarity.of(first.get(i), second.get(i))),
              pair.label(),
              pair.first(),
              pair.second());
        }
      }
    }
  }

  private static String digits(double value) {
    return String.format(Locale.ROOT, "%.6f", value);
  }
}
