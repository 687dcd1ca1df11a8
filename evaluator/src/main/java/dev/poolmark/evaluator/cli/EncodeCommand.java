package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.encoder.EncoderSource;
import dev.poolmark.evaluator.encoder.PromptedEncoder;
import dev.poolmark.evaluator.encoding.EncodeRequest;
import dev.poolmark.evaluator.encoding.FileEncoder;
import dev.poolmark.evaluator.encoding.FileEncoder.Encoded;
import dev.poolmark.evaluator.sentences.PairsReader;
import dev.poolmark.evaluator.sentences.SentenceFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Encodes sentences into token embeddings. */
@Command(
    name = "encode",
    mixinStandardHelpOptions = true,
    description =
        "Encode labelled sentence pairs into the contest's four files, or triplets into theirs.")
final class EncodeCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private CorpusOptions triplets;
  @Mixin private EncoderOptions encoders;

  @Option(
      names = "--pairs",
      paramLabel = "FILE",
      description =
          "Each row: sentence, tab, sentence, tab, label; or the layout of STS-B (label in column 5,"
              + " sentences in 6 and 7).")
  private @Nullable Path pairs;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "Receives first.txt, second.txt, labels.txt and pairs.tsv; or anchor.txt, positive.txt,"
              + " negative.txt, margins.txt and triplets.tsv, corpus.txt and corpus.tsv.")
  private @Nullable Path out;

  @Option(
      names = "--sources",
      description =
          "Name the columns of pairs.tsv, and add each pair's source as a fourth one. 'tune' and"
              + " 'train' make their folds by it.")
  private boolean sources;

  @Option(
      names = {"-v", "--verbose"},
      description = "Say which weights are run.")
  private boolean verbose;

  @Override
  public Integer call() throws IOException {
    SentenceFile rows = rows();
    if (verbose) {
      spec.commandLine().getErr().println("encoder: " + encoders.description());
    }
    long start = System.nanoTime();
    EncoderSource source = encoders.source();
    Encoded encoded;
    try (PromptedEncoder encoder = source.open();
        EncodeBar bar =
            new EncodeBar(rows.path().getFileName().toString(), spec.commandLine().getErr())) {
      EncodeRequest request =
          new EncodeRequest(rows, triplets.corpus(), sources, Objects.requireNonNull(out));
      encoded = FileEncoder.of(source, encoder).encode(request, bar);
    }
    spec.commandLine()
        .getOut()
        .printf(
            Locale.ROOT,
            "%d %s, %s%d tokens, %d wide, in %.1f s: %s%n",
            encoded.rows(),
            rows.layout().key(),
            encoded.documents() > 0 ? encoded.documents() + " documents, " : "",
            encoded.tokens(),
            encoded.dim(),
            (System.nanoTime() - start) / 1e9,
            out);
    return ExitCode.DONE;
  }

  private SentenceFile rows() throws IOException {
    if ((pairs == null) == triplets.triplets().isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "expected either --pairs or --triplets, found " + (pairs == null ? "neither" : "both"));
    }
    if (out == null) { // told after that: without rows there is nothing to write
      throw new ParameterException(spec.commandLine(), "--out: expected a folder, found none");
    }
    if (sources && (pairs == null || PairsReader.sources(pairs).isEmpty())) {
      throw new ParameterException(
          spec.commandLine(),
          "--sources: expected pairs with a column of sources, as STS-B's files have, found none");
    }
    return pairs == null ? triplets.triplets().orElseThrow() : SentenceFile.pairs(pairs);
  }
}
