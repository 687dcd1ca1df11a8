package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.contest.OverSizeLimitException;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.plugin.BadSpecException;
import dev.poolmark.evaluator.score.BadScoreInputException;
import dev.poolmark.evaluator.torch.PoolerFault;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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

  private Poolmark() {}

  public static void main(String[] args) {
    PrintWriter out = new PrintWriter(System.out);
    PrintWriter err = new PrintWriter(System.err, true);
    int exitCode = run(args, out, err);
    out.flush();
    InterruptOnExit.commandEnded();
    // A pooler that never returned would keep the JVM from ending by itself.
    System.exit(exitCode);
  }

  /**
   * Runs a command.
   *
   * @param out receives results and nothing else
   * @param err receives everything else
   * @return its {@link ExitCode}
   */
  public static int run(String[] args, PrintWriter out, PrintWriter err) {
    Poolmark poolmark = new Poolmark();
    CommandLine line = new CommandLine(poolmark);
    Commands.add(line, args);
    return line.setOut(out)
        .setErr(err)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler((e, arguments) -> usage(e))
        .setExecutionExceptionHandler((e, command, parsed) -> poolmark.failed(e, command))
        .execute(args);
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
                Locale.ROOT, "poolmark: %s; see '%s --help'", oneLine(e.getMessage()), command));
    return ExitCode.USAGE;
  }

  private int failed(Exception e, CommandLine command) {
    if (e instanceof ParameterException parameter) {
      return usage(parameter);
    }
    command.getErr().println("poolmark: " + oneLine(message(e)));
    if (debug) {
      e.printStackTrace(command.getErr());
    }
    return exitCode(e);
  }

  private static int exitCode(Exception e) {
    if (e instanceof BadSpecException) {
      return ExitCode.USAGE;
    } else if (e instanceof PoolerFault) {
      return ExitCode.PLUGIN_FAULT;
    } else if (e instanceof OverSizeLimitException) {
      return ExitCode.OVER_SIZE_LIMIT;
    } else if (e instanceof CancellationException) {
      return ExitCode.INTERRUPTED;
    } else if (e instanceof BadDataException
        || e instanceof BadScoreInputException
        || e instanceof IOException
        || e instanceof UncheckedIOException) {
      return ExitCode.BAD_DATA;
    }
    return ExitCode.BUG;
  }

  private static String message(Exception e) {
    if (e instanceof UncheckedIOException unchecked) {
      return message(unchecked.getCause());
    } else if (e instanceof FileSystemException file) {
      return file.getFile() + ": " + reason(file);
    } else if (e instanceof IOException || exitCode(e) != ExitCode.BUG) {
      return e.getMessage() == null ? e.toString() : e.getMessage();
    }
    return "a bug of Poolmark, please report it with --debug: " + e;
  }

  private static String reason(FileSystemException e) {
    if (e instanceof NoSuchFileException) {
      return "no such file or folder";
    } else if (e instanceof AccessDeniedException) {
      return "access denied";
    } else if (e instanceof FileAlreadyExistsException) {
      return "already exists";
    }
    return e.getReason() == null ? e.toString() : e.getReason();
  }

  private static String oneLine(String message) {
    return message.strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
