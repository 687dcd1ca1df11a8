package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.dataset.CorpusFiles;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.dataset.TripletFiles;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.folder.ModelFolder;
import dev.poolmark.evaluator.metric.Similarity;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import dev.poolmark.evaluator.report.RetrievalFormat;
import dev.poolmark.evaluator.retrieval.Documents;
import dev.poolmark.evaluator.retrieval.RetrievalEvaluation;
import dev.poolmark.evaluator.retrieval.RetrievalReport;
import dev.poolmark.evaluator.retrieval.RetrievalRequest;
import dev.poolmark.evaluator.sentences.SentenceFile;
import dev.poolmark.evaluator.text.TextModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Tells how well poolers rank. */
@Command(
    name = "triplets",
    mixinStandardHelpOptions = true,
    description =
        "Score poolers on triplets: how often an anchor is closer to its positive than to its"
            + " negative, and how well it finds its positives in a corpus.")
final class TripletsCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private CorpusOptions texts;
  @Mixin private TokenOptions tokens;
  @Mixin private PluginOptions plugins;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "A folder that 'encode --triplets' wrote: anchor.txt, positive.txt, negative.txt and"
              + " optionally margins.txt, triplets.tsv, corpus.txt and corpus.tsv, each also as"
              + " .gz.")
  private @Nullable Path folder;

  @Option(
      names = "--pooler",
      paramLabel = "SPEC",
      description =
          "A pooler; repeatable. Without it, the model's own, or the mean of the bundled encoders.")
  private List<String> poolers = List.of();

  @Option(
      names = "--score",
      paramLabel = "cosine|dot|euclidean|manhattan",
      description =
          "By what the corpus is searched; repeatable. Without it, as the model has it (cosine).")
  private List<Similarity> scores = List.of();

  @Option(
      names = "--format",
      paramLabel = "table|json|csv",
      defaultValue = "table",
      description = "How results are printed (${DEFAULT-VALUE}).")
  private RetrievalFormat format;

  @Option(names = "--out", paramLabel = "FILE", description = "Write results here, not to stdout.")
  private @Nullable Path out;

  @Override
  public Integer call() throws IOException {
    Output.check(out);
    Optional<SentenceFile> file = texts.triplets();
    if (file.isPresent() == (folder != null)) {
      throw usage(
          "expected either --triplets or --data, found " + (folder == null ? "neither" : "both"));
    }
    List<RetrievalReport> reports =
        folder == null ? scoreTexts(file.orElseThrow()) : scoreFolder(folder);
    Output.write(format.render(reports), out, spec.commandLine().getOut());
    return reports.stream().anyMatch(RetrievalReport::eligible)
        ? ExitCode.DONE
        : ExitCode.PLUGIN_FAULT;
  }

  private List<RetrievalReport> scoreTexts(SentenceFile file) throws IOException {
    Optional<SentenceFile> corpusFile = texts.corpus();
    if (corpusFile.isPresent()) {
      corpusFile.get().check();
    }
    try (TokenStore triplets = tokens.encode(file)) {
      if (corpusFile.isEmpty()) {
        return score(triplets, Optional.empty());
      }
      try (TokenStore corpus = tokens.encode(corpusFile.get())) {
        return score(
            triplets, Optional.of(Documents.read(triplets, file, corpus, corpusFile.get())));
      }
    }
  }

  private List<RetrievalReport> scoreFolder(Path named) throws IOException {
    if (tokens.encoder().folder().isPresent()) {
      throw usage("--encoder: expected --triplets, and no other data");
    }
    TripletFiles files = TripletFiles.in(named);
    Optional<CorpusFiles> corpusFiles = CorpusFiles.in(named);
    try (TokenStore triplets = tokens.open(files, named)) {
      if (corpusFiles.isEmpty()) {
        return score(triplets, Optional.empty());
      }
      SentenceFile tripletTexts =
          SentenceFile.triplets(
              files
                  .triplets()
                  .orElseThrow(
                      () ->
                          new BadDataException(
                              named,
                              "triplets.tsv beside corpus.txt: it tells which documents are the"
                                  + " same",
                              "none")),
              Optional.empty());
      SentenceFile corpusTexts = SentenceFile.corpus(corpusFiles.get().documents());
      try (TokenStore corpus = tokens.open(corpusFiles.get(), named)) {
        return score(
            triplets, Optional.of(Documents.read(triplets, tripletTexts, corpus, corpusTexts)));
      }
    }
  }

  private List<RetrievalReport> score(TokenStore triplets, Optional<Documents> documents)
      throws IOException {
    PluginCatalog catalog = plugins.catalog();
    PluginCatalog queries = tokens.encoder().poolers(catalog, ModelFolder::forQueries);
    PluginCatalog others = tokens.encoder().poolers(catalog, ModelFolder::forDocuments);
    PoolerTurns<RetrievalReport> turns =
        new PoolerTurns<>(Poolmark.host(spec), others, RetrievalReport.class);
    List<PoolerSpec> specs = specs();
    specs.forEach(pooler -> turns.check(pooler, triplets.dim()));
    List<RetrievalReport> reports = new ArrayList<>();
    for (PoolerSpec pooler : specs) {
      RetrievalEvaluation evaluation =
          new RetrievalEvaluation(
              queries,
              others,
              new RetrievalRequest(triplets, documents, similarities(), List.of(pooler)));
      reports.add(
          turns.row(
              pooler,
              () -> evaluation.run().get(0),
              report -> report.figures().isEmpty(),
              finding -> evaluation.lost(pooler, finding)));
    }
    return reports;
  }

  private List<PoolerSpec> specs() throws IOException {
    List<String> own = List.of(TextModel.ownPooler(tokens.encoder().folder()));
    return (poolers.isEmpty() ? own : poolers).stream().map(PoolerSpec::parse).toList();
  }

  private List<Similarity> similarities() throws IOException {
    return scores.isEmpty()
        ? List.of(tokens.encoder().similarity())
        : scores.stream().distinct().toList();
  }

  private ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
