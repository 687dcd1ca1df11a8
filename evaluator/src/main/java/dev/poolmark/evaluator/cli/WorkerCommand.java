package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.dataset.PairFiles;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.dataset.TokenStores;
import dev.poolmark.evaluator.encoding.EncodeProgress;
import dev.poolmark.evaluator.encoding.Sample;
import dev.poolmark.evaluator.files.UserFolders;
import dev.poolmark.evaluator.worker.WorkerChild;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Serves as the child process that runs poolers. */
@Command(
    name = "worker",
    mixinStandardHelpOptions = true,
    description = "Run poolers for another process: requests from stdin, and events to it.")
final class WorkerCommand implements Callable<Integer> {

  @Option(names = "--cache", paramLabel = "DIR", description = "Where parsed data is kept.")
  private Path cache;

  @Option(
      names = "--pin-core",
      paramLabel = "N",
      description = "Pin the scoring thread to this core, counted from 0.")
  private Integer core;

  @Option(
      names = "--events",
      paramLabel = "FILE",
      description = "Where events go; without it, to stdout.")
  private Path events;

  @Override
  public Integer call() throws IOException {
    if (cache == null) {
      cache = UserFolders.cache();
    }
    OutputStream out = events == null ? System.out : new FileOutputStream(events.toFile());
    InputStream requests = System.in;
    // What poolers read and print is neither request nor event.
    System.setIn(InputStream.nullInputStream());
    System.setOut(System.err);
    volunteerForTheOutOfMemoryKiller();
    OptionalInt pinned = core == null ? OptionalInt.empty() : OptionalInt.of(core);
    new WorkerChild(this::open, cache, pinned, out).serve(requests);
    return ExitCode.DONE;
  }

  /** Where memory runs out, Linux is to end a worker and not its parent. */
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
