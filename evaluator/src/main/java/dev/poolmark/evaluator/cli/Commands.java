package dev.poolmark.evaluator.cli;

import dev.poolmark.evaluator.command.AddedCommand;
import java.util.Arrays;
import java.util.List;
import java.util.ServiceLoader;
import java.util.ServiceLoader.Provider;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The commands of {@code poolmark}. To look at a command's options takes picocli longer than Java
 * needs to start, so only the one that is called is loaded, and all where none is recognised.
 */
enum Commands {
  SCORE("score", ScoreCommand::new),
  POOLERS("poolers", PoolersCommand::new),
  INSPECT("inspect", InspectCommand::new),
  TRAIN("train", TrainCommand::new),
  EXPORT("export", ExportCommand::new),
  ENCODE("encode", EncodeCommand::new),
  SIMILARITY("similarity", SimilarityCommand::new),
  SEARCH("search", SearchCommand::new),
  TRIPLETS("triplets", TripletsCommand::new),
  COMPARE("compare", CompareCommand::new),
  RANK("rank", RankCommand::new),
  CALIBRATE("calibrate", CalibrateCommand::new),
  WORKER("worker", WorkerCommand::new);

  private static final List<String> VERSION = List.of("--version", "-V");

  private final String commandName;
  private final Supplier<Object> command;

  Commands(String commandName, Supplier<Object> command) {
    this.commandName = commandName;
    this.command = command;
  }

  /** Adds what the arguments need. */
  static void add(CommandLine line, String[] arguments) {
    String first = arguments.length == 0 ? "" : arguments[0];
    if (VERSION.contains(first) || addBuiltIn(line, first) || addOthers(line, first)) {
      return;
    }
    Arrays.stream(values()).forEach(each -> each.addTo(line));
    others().forEach(other -> line.addSubcommand(other.get()));
  }

  private static boolean addBuiltIn(CommandLine line, String name) {
    for (Commands each : values()) {
      if (each.commandName.equals(name)) {
        each.addTo(line);
        return true;
      }
    }
    return false;
  }

  private static boolean addOthers(CommandLine line, String name) {
    for (Provider<AddedCommand> other : others()) {
      if (other.type().getAnnotation(Command.class).name().equals(name)) {
        line.addSubcommand(other.get());
        return true;
      }
    }
    return false;
  }

  private static List<Provider<AddedCommand>> others() {
    return ServiceLoader.load(AddedCommand.class).stream().toList();
  }

  private void addTo(CommandLine line) {
    line.addSubcommand(commandName, command.get());
  }
}
