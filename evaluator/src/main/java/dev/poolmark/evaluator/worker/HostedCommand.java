package dev.poolmark.evaluator.worker;

import com.fasterxml.jackson.databind.JsonNode;
import dev.poolmark.evaluator.plugin.BrokenPlugin;
import java.io.BufferedWriter;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/** A command in the child: what it prints and does is told to the parent. */
final class HostedCommand implements CommandHost {

  private static final String TERMINAL = "poolmark.stderr.terminal";

  private final WorkerRequest.Command command;
  private final Plugins plugins;
  private final Consumer<WorkerEvent> events;
  private Optional<Runnable> onCancel = Optional.empty();
  private boolean cancelled;
  private boolean harmed;
  private boolean unfinished;

  HostedCommand(WorkerRequest.Command command, Plugins plugins, Consumer<WorkerEvent> events) {
    this.command = command;
    this.plugins = plugins;
    this.events = events;
  }

  WorkerEvent.Last run(CommandRunner runner) {
    System.setProperty(TERMINAL, Boolean.toString(command.terminal()));
    PrintWriter out = new PrintWriter(new BufferedWriter(new Relay(false)));
    PrintWriter err = new PrintWriter(new BufferedWriter(new Relay(true)), true);
    try {
      int exitCode = runner.run(command.arguments(), out, err, this);
      return unfinished ? new WorkerEvent.Unfinished() : new WorkerEvent.Finished(exitCode);
    } finally {
      out.flush();
      err.flush();
    }
  }

  /** Each flush is an event. */
  private final class Relay extends Writer {
    private final boolean error;

    Relay(boolean error) {
      this.error = error;
    }

    @Override
    public void write(char[] text, int offset, int count) {
      if (count > 0) {
        events.accept(new WorkerEvent.Printed(new String(text, offset, count), error));
      }
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }

  synchronized void cancel() {
    cancelled = true;
    onCancel.ifPresent(Runnable::run);
  }

  @Override
  public synchronized void onCancel(Runnable cancel) {
    onCancel = Optional.of(cancel);
    if (cancelled) {
      cancel.run();
    }
  }

  @Override
  public Optional<BrokenPlugin> beforeLoading(Path plugin) {
    return plugins.beforeLoading(plugin);
  }

  @Override
  public void loaded() {
    events.accept(new WorkerEvent.Begun());
  }

  @Override
  public void trying(String pooler, String plugin, boolean alone) {
    if (harmed) {
      unfinished = true;
      throw new UnfinishedException();
    }
    events.accept(new WorkerEvent.Trying(pooler, plugin, alone));
  }

  @Override
  public Optional<WorkerRequest.Row> known(String pooler) {
    return command.rows().stream().filter(row -> row.pooler().equals(pooler)).findFirst();
  }

  @Override
  public void tried(String pooler, JsonNode result, boolean harm) {
    harmed |= harm;
    events.accept(new WorkerEvent.Tried(pooler, result));
  }
}
