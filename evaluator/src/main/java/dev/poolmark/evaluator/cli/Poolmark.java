package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.contest.OverSizeLimitException;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.files.Note;
import dev.poolmark.evaluator.files.Printable;
import dev.poolmark.evaluator.files.ProcessFolder;
import dev.poolmark.evaluator.files.UnwrittenException;
import dev.poolmark.evaluator.files.UserFolders;
import dev.poolmark.evaluator.plugin.BadSpecException;
import dev.poolmark.evaluator.score.BadScoreInputException;
import dev.poolmark.evaluator.torch.PoolerFault;
import dev.poolmark.evaluator.worker.CommandHost;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.ScopeType;

/** The command {@code poolmark}. */
@Command(
    name = "poolmark",
    description = "Tells what a sentence-pooling model is worth.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND")
public final class Poolmark implements Runnable {

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Print stack traces of errors.")
  private boolean debug;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  private final CommandHost host;

  private Poolmark(CommandHost host) {
    this.host = host;
  }

  /** The process that a command, or a part of its options, runs in. */
  static CommandHost host(CommandLine.Model.CommandSpec command) {
    return ((Poolmark) command.root().userObject()).host;
  }

  public static void main(String[] args) {
    Standard.useUtf8();
    Logging.configure();
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    SecondInterrupt.endsAtOnce();
    int exitCode = start(args, Standard.out(), err);
    // A pooler that never returned would keep the JVM from ending by itself.
    System.exit(exitCode);
  }

  private static int start(String[] args, PrintWriter out, PrintWriter err) {
    UserFolders.pointLibraries();
    try {
      ProcessFolder.take();
      Commands.Place place = Commands.place(args);
      return place == Commands.Place.HERE
          ? run(args, out, err)
          : flushed(out, err, new WorkerRelay(place, out, err).run(args));
    } catch (IOException | UncheckedIOException e) {
      err.println("poolmark: " + oneLine(message(e)));
      return ExitCode.FAILED;
    }
  }

  /**
   * Runs a command in this process, poolers and all.
   *
   * @param out receives results and nothing else
   * @param err receives everything else
   * @return its {@link ExitCode}
   */
  public static int run(String[] args, PrintWriter out, PrintWriter err) {
    return run(args, out, err, CommandHost.UNWATCHED);
  }

  /** All commands, for whoever describes them. */
  public static CommandLine allCommands() {
    CommandLine line = new CommandLine(new Poolmark(CommandHost.UNWATCHED));
    Commands.add(line, new String[0]);
    return line;
  }

  static int run(String[] args, PrintWriter out, PrintWriter err, CommandHost host) {
    Note.to(err::println);
    Poolmark poolmark = new Poolmark(host);
    CommandLine line = new CommandLine(poolmark);
    Commands.add(line, args);
    int exitCode =
        line.setOut(out)
            .setErr(err)
            .setExpandAtFiles(false) // a sentence may begin with an @
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setExecutionStrategy(parsed -> execute(parsed, err))
            .setParameterExceptionHandler((e, arguments) -> usage(e))
            .setExecutionExceptionHandler((e, command, parsed) -> poolmark.failed(e, command))
            .execute(args);
    return flushed(out, err, exitCode);
  }

  /** Help texts are no command's, so what goes wrong with them is nobody's exception. */
  private static int execute(ParseResult parsed, PrintWriter err) {
    try {
      return new RunLast().execute(parsed);
    } catch (UncheckedIOException e) {
      err.println("poolmark: " + oneLine(message(e)));
      return ExitCode.FAILED;
    }
  }

  /** What a writer could not write, it keeps to itself until it is asked. */
  private static int flushed(PrintWriter out, PrintWriter err, int exitCode) {
    String failure = null;
    try {
      if (out.checkError()) {
        failure = "stdout: could not be written";
      }
    } catch (UncheckedIOException e) {
      failure = message(e);
    }
    if (failure == null || exitCode != ExitCode.DONE) {
      return exitCode;
    }
    err.println("poolmark: " + oneLine(failure));
    return ExitCode.FAILED;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "expected a command, found none");
  }

  private static int usage(ParameterException e) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    e.getCommandLine()
        .getErr()
        .println(
            String.format(
                Locale.ROOT,
                "poolmark: %s; see '%s --help'",
                oneLine(Objects.requireNonNull(e.getMessage())),
                command));
    return ExitCode.USAGE;
  }

  private int failed(Exception e, CommandLine command) {
    if (e instanceof ParameterException parameter) {
      return usage(parameter);
    } else if (e instanceof CommandHost.UnfinishedException) {
      return ExitCode.DONE; // what is left is done elsewhere
    }
    command.getErr().println("poolmark: " + oneLine(message(e)));
    if (debug) {
      e.printStackTrace(command.getErr());
    }
    return exitCode(e);
  }

  private static int exitCode(Exception e) {
    if (e instanceof UncheckedIOException unchecked) {
      return exitCode(Objects.requireNonNull(unchecked.getCause()));
    } else if (e instanceof UnwrittenException) {
      return ExitCode.FAILED;
    } else if (e instanceof BadSpecException) {
      return ExitCode.USAGE;
    } else if (e instanceof PoolerFault) {
      return ExitCode.PLUGIN_FAULT;
    } else if (e instanceof OverSizeLimitException) {
      return ExitCode.OVER_SIZE_LIMIT;
    } else if (e instanceof CancellationException) {
      return ExitCode.INTERRUPTED;
    } else if (e instanceof BadDataException
        || e instanceof BadScoreInputException
        || e instanceof IOException) {
      return ExitCode.BAD_DATA;
    }
    return ExitCode.FAILED;
  }

  private static String message(Exception e) {
    if (e instanceof UncheckedIOException unchecked) {
      return message(Objects.requireNonNull(unchecked.getCause()));
    } else if (e instanceof FileSystemException file) {
      return file.getFile() + ": " + UnwrittenException.reason(file);
    } else if (e instanceof IOException || exitCode(e) != ExitCode.FAILED) {
      return e.getMessage() == null ? e.toString() : e.getMessage();
    }
    return "a bug of Poolmark, please report it with --debug: " + e;
  }

  private static String oneLine(String message) {
    return Printable.of(message.strip().replaceAll("\\s*\\R\\s*", " "));
  }
}
