package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.contest.Contest;
import dev.poolmark.evaluator.dataset.PairFiles;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.dataset.TokenStores;
import dev.poolmark.evaluator.encoding.EncodeProgress;
import dev.poolmark.evaluator.encoding.Sample;
import dev.poolmark.evaluator.files.UserFolders;
import dev.poolmark.evaluator.torch.TorchEngine;
import dev.poolmark.evaluator.worker.BoundedOutput;
import dev.poolmark.evaluator.worker.CachePlace;
import dev.poolmark.evaluator.worker.CommandHost;
import dev.poolmark.evaluator.worker.WorkerChild;
import dev.poolmark.evaluator.worker.WorkerRequest;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import sun.misc.Signal;
import sun.misc.SignalHandler;

/** Serves as the child process that runs poolers. */
@Command(
    name = "worker",
    hidden = true,
    mixinStandardHelpOptions = true,
    description = "Run poolers for another process: requests from stdin, and events to it.")
final class WorkerCommand implements Callable<Integer> {

  /** Bytes that poolers may print in Java; native code is slower at it. */
  private static final long MOST_PRINTED = 1 << 20;

  @Option(names = "--cache", paramLabel = "DIR", description = "Where parsed data is kept.")
  private @Nullable Path cache;

  @Mixin private CacheOptions size;

  @Option(
      names = "--pin-core",
      paramLabel = "N",
      description = "Pin the scoring thread to this core, counted from 0.")
  private @Nullable Integer core;

  @Option(
      names = "--events",
      paramLabel = "FILE",
      description = "Where events go; without it, to stdout.")
  private @Nullable Path events;

  @Option(names = "--engine", description = "Load the engine for one thread ahead of requests.")
  private boolean engine;

  @Override
  public Integer call() throws IOException {
    CachePlace kept = () -> cache == null ? UserFolders.cache() : cache;
    OutputStream out = events == null ? System.out : new FileOutputStream(events.toFile());
    InputStream requests = System.in;
    // What poolers read and print is neither request nor event.
    System.setIn(InputStream.nullInputStream());
    PrintStream printed = new PrintStream(new BoundedOutput(System.err, MOST_PRINTED), true);
    System.setOut(printed);
    System.setErr(printed);
    if (engine) {
      Thread loading = new Thread(() -> TorchEngine.start(1), "engine");
      loading.setDaemon(true);
      loading.start();
    }
    volunteerForTheOutOfMemoryKiller();
    OptionalInt pinned = core == null ? OptionalInt.empty() : OptionalInt.of(core);
    Signal.handle(new Signal("INT"), SignalHandler.SIG_IGN); // Ctrl-C is the parent's to answer
    new WorkerChild(data -> open(data, kept.path()), this::run, kept, pinned, out).serve(requests);
    return ExitCode.DONE;
  }

  private int run(List<String> arguments, PrintWriter out, PrintWriter err, CommandHost host) {
    return Poolmark.run(arguments.toArray(String[]::new), out, err, host);
  }

  /** Where memory runs out, Linux is to end a worker and not its parent. */
  private static void volunteerForTheOutOfMemoryKiller() throws IOException {
    Path score = Path.of("/proc/self/oom_score_adj");
    if (Files.isWritable(score)) {
      Files.writeString(score, "1000");
    }
  }

  private TokenStore open(WorkerRequest.Data data, Path kept) throws IOException {
    if (data.place().equals(Sample.NAME)) {
      return size.used(Sample.open(kept, EncodeProgress.NONE), kept);
    }
    Path place = Path.of(data.place());
    TokenStore store =
        Files.isRegularFile(place)
            ? TokenStore.read(place, data.name())
            : TokenStores.open(PairFiles.in(place), Contest.DIM, Optional.of(kept), data.name());
    return size.used(store, kept);
  }
}
