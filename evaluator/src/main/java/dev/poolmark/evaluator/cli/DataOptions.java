package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.dataset.DataFiles;
import dev.poolmark.evaluator.dataset.Layout;
import dev.poolmark.evaluator.dataset.PairFiles;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.dataset.TripletFiles;
import dev.poolmark.evaluator.folder.ModelFolder;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.sentences.PairsReader;
import dev.poolmark.evaluator.sentences.SentenceFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which labelled pairs. */
final class DataOptions {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "A folder with first.txt, second.txt, labels.txt and optionally pairs.tsv, each also as"
              + " .gz; for 'train' also one that 'encode --triplets' wrote. Without data, the bundled"
              + " sample.")
  private @Nullable Path folder;

  @Option(
      names = "--pairs",
      paramLabel = "FILE",
      description =
          "The sentences (File 1), checked against the labels; with --encoder, what is encoded.")
  private @Nullable Path pairs;

  @Option(
      names = "--first",
      paramLabel = "FILE",
      description = "Tokens of the first sentences (File 2).")
  private @Nullable Path first;

  @Option(
      names = "--second",
      paramLabel = "FILE",
      description = "Tokens of the second sentences (File 3).")
  private @Nullable Path second;

  @Option(names = "--labels", paramLabel = "FILE", description = "The labels (File 4).")
  private @Nullable Path labels;

  @Mixin private TokenOptions tokens;

  int dim() throws IOException {
    return tokens.dim();
  }

  /** The plugins' poolers, and that of the model folder, if there is one. */
  PluginCatalog poolers(PluginCatalog plugins) throws IOException {
    return tokens.encoder().poolers(plugins);
  }

  /** The model folder, if there is one. */
  Optional<ModelFolder> encoder() throws IOException {
    return tokens.encoder().folder();
  }

  /** Whether any data are named, so that {@link #open} does not take the sample. */
  boolean isGiven() throws IOException {
    return tokens.encoder().folder().isPresent()
        || Stream.of(folder, pairs, first, second, labels).anyMatch(file -> file != null);
  }

  /** Opens the data, parsing or encoding what is new. */
  TokenStore open() throws IOException {
    if (tokens.encoder().folder().isPresent()) {
      return encode();
    }
    boolean files = Stream.of(pairs, first, second, labels).anyMatch(file -> file != null);
    if (folder != null && files) {
      throw usage("expected either --data or --first, --second and --labels, found both");
    } else if (folder != null) {
      return tokens.open(PairFiles.in(folder), folder);
    } else if (files) {
      if (first == null || second == null || labels == null) {
        throw usage("expected --first, --second and --labels together, found some of them only");
      }
      return tokens.open(new PairFiles(first, second, labels, Optional.ofNullable(pairs)), first);
    }
    return sample();
  }

  private TokenStore sample() throws IOException {
    if (dim() != Contest.DIM) {
      throw usage(
          String.format(
              Locale.ROOT, "--dim: the bundled sample is %d wide, found %d", Contest.DIM, dim()));
    }
    try (EncodeBar bar = new EncodeBar("encoding the sample", command.commandLine().getErr())) {
      return tokens.sample(bar);
    }
  }

  /** Whether the data are pairs or triplets. */
  Layout layout() {
    return folder != null && TripletFiles.areIn(folder) ? Layout.TRIPLETS : Layout.PAIRS;
  }

  /** The same as {@link #open()}, for those who take triplets, too. */
  TokenStore openRows() throws IOException {
    return folder != null && layout() == Layout.TRIPLETS ? openRows(folder) : open();
  }

  /** Opens another folder of pairs or triplets, in the same way. */
  private TokenStore openRows(Path otherFolder) throws IOException {
    return tokens.open(
        TripletFiles.areIn(otherFolder) ? TripletFiles.in(otherFolder) : PairFiles.in(otherFolder),
        otherFolder);
  }

  /** Opens a file of sentences, and no other data, encoding it where it is new. */
  TokenStore encode(SentenceFile file) throws IOException {
    if (Stream.of(folder, pairs, first, second, labels).anyMatch(other -> other != null)) {
      throw usage("expected one kind of data, found --triplets and others");
    }
    return tokens.encode(file);
  }

  /** The source of each pair, where the file of the sentences tells it. */
  Optional<List<String>> sources() throws IOException {
    Optional<Path> texts =
        pairs != null || folder == null
            ? Optional.ofNullable(pairs)
            : DataFiles.find(folder, Layout.PAIRS.texts());
    return texts.isPresent() ? PairsReader.sources(texts.get()) : Optional.empty();
  }

  /** Opens another folder, or encodes another file of sentences in the same way. */
  TokenStore openOther(Path place, Layout layout) throws IOException {
    return Files.isRegularFile(place)
        ? tokens.encode(new SentenceFile(place, layout, Optional.empty()))
        : openRows(place);
  }

  private TokenStore encode() throws IOException {
    if (pairs == null || Stream.of(folder, first, second, labels).anyMatch(file -> file != null)) {
      throw usage("--encoder: expected --pairs, and no other data");
    }
    return tokens.encode(SentenceFile.pairs(pairs));
  }

  private ParameterException usage(String message) {
    return new ParameterException(command.commandLine(), message);
  }
}
