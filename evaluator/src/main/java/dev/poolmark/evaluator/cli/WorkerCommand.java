package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.dataset.PairFiles;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.dataset.TokenStores;
import dev.poolmark.evaluator.encoding.EncodeProgress;
import dev.poolmark.evaluator.encoding.Sample;
import dev.poolmark.evaluator.worker.WorkerChild;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Scores as the server's child. */
@Command(
    name = "lane",
    mixinStandardHelpOptions = true,
    description = "Score requests from stdin, events to stdout, as JSON lines: the server's child.")
final class WorkerCommand implements Callable<Integer> {

  @Mixin private PluginOptions plugins;

  @Option(names = "--cache", paramLabel = "DIR", description = "Where parsed data is kept.")
  private Path cache = TokenStores.defaultCache();

  @Option(
      names = "--pin-core",
      paramLabel = "N",
      description = "Pin the scoring thread to this core, counted from 0.")
  private Integer core;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintStream events = System.out;
    System.setOut(System.err); // what poolers print is no event
    volunteerForTheOutOfMemoryKiller();
    OptionalInt pinned = core == null ? OptionalInt.empty() : OptionalInt.of(core);
    new WorkerChild(plugins.folders(), this::open, cache, pinned, events)
        .serve(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)));
    return ExitCode.DONE;
  }

  /** Where memory runs out, Linux is to end a lane and not the server. */
  private static void volunteerForTheOutOfMemoryKiller() throws IOException {
    Path score = Path.of("/proc/self/oom_score_adj");
    if (Files.isWritable(score)) {
      Files.writeString(score, "1000");
    }
  }

  private TokenStore open(String data) throws IOException {
    if (data.equals(Sample.NAME)) {
      return Sample.open(cache, EncodeProgress.NONE);
    }
    Path folder = Path.of(data);
    return TokenStores.open(
        PairFiles.in(folder), Contest.DIM, Optional.of(cache), folder.getFileName().toString());
  }
}
