package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.dataset.DataFiles;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.dataset.TokenStores;
import dev.poolmark.evaluator.encoding.EncodeProgress;
import dev.poolmark.evaluator.encoding.EncodedFiles;
import dev.poolmark.evaluator.encoding.Sample;
import dev.poolmark.evaluator.files.UserFolders;
import dev.poolmark.evaluator.sentences.SentenceFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** How wide tokens are, who encodes them, and where they are kept. */
final class TokenOptions {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--dim",
      paramLabel = "N",
      description = "Width of the token embeddings (768, or the width of --encoder's model).")
  private @Nullable Integer dim;

  @Option(
      names = "--cache",
      paramLabel = "DIR|none",
      description =
          "Where parsed data is kept, or none. The sample and the encoders are always kept.")
  private @Nullable String cache;

  @Mixin private CacheOptions size;
  @Mixin private EncoderOptions encoder;

  EncoderOptions encoder() {
    return encoder;
  }

  int dim() throws IOException {
    int expected =
        encoder.folder().isPresent()
            ? encoder.folder().get().dim()
            : dim == null ? Contest.DIM : dim;
    if (dim != null && dim != expected) {
      throw usage(
          String.format(
              Locale.ROOT,
              "--dim: expected %d, the width of the encoder, found %d",
              expected,
              dim));
    }
    if (expected < 1 || expected > TokenStores.MAX_DIM) {
      throw usage(
          String.format(
              Locale.ROOT,
              "--dim: expected a width from 1 to %d, found %d",
              TokenStores.MAX_DIM,
              expected));
    }
    return expected;
  }

  /** Opens text files of tokens, parsing what is new. */
  TokenStore open(DataFiles files, Path namesake) throws IOException {
    Optional<Path> folder = cache();
    String name = namesake.toRealPath().getFileName().toString();
    return used(TokenStores.open(files, dim(), folder, name), folder);
  }

  private TokenStore used(TokenStore store, Optional<Path> folder) throws IOException {
    return folder.isPresent() ? size.used(store, folder.get()) : store;
  }

  /** Opens a file of sentences, encoding what is new. */
  TokenStore encode(SentenceFile file) throws IOException {
    dim();
    try (EncodeBar bar =
        new EncodeBar(file.path().getFileName().toString(), command.commandLine().getErr())) {
      Optional<Path> folder = cache();
      return used(EncodedFiles.open(file, encoder.source(), folder, bar), folder);
    }
  }

  /** Opens the sample, which is kept in any case. */
  TokenStore sample(EncodeProgress progress) throws IOException {
    Optional<Path> chosen = cache();
    Path folder = chosen.isPresent() ? chosen.get() : UserFolders.cache();
    return size.used(Sample.open(folder, progress), folder);
  }

  private Optional<Path> cache() throws IOException {
    size.bytes();
    if (cache == null) {
      return Optional.of(UserFolders.cache());
    }
    return cache.equals("none") ? Optional.empty() : Optional.of(Path.of(cache));
  }

  private ParameterException usage(String message) {
    return new ParameterException(command.commandLine(), message);
  }
}
