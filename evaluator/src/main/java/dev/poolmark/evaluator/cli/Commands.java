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
  SCORE("score", Place.WORKER_WITH_ENGINE, ScoreCommand::new),
  POOLERS("poolers", Place.WORKER, PoolersCommand::new),
  INSPECT("inspect", Place.WORKER, InspectCommand::new),
  TUNE("tune", Place.HERE, TuneCommand::new),
  TRIAL("trial", Place.WORKER, TrialCommand::new),
  TRAIN("train", Place.WORKER_THAT_IS_CANCELLED, TrainCommand::new),
  EXPORT("export", Place.WORKER, ExportCommand::new),
  ENCODE("encode", Place.WORKER, EncodeCommand::new),
  SIMILARITY("similarity", Place.WORKER_WITH_ENGINE, SimilarityCommand::new),
  SEARCH("search", Place.WORKER_WITH_ENGINE, SearchCommand::new),
  TRIPLETS("triplets", Place.WORKER_WITH_ENGINE, TripletsCommand::new),
  COMPARE("compare", Place.WORKER_WITH_ENGINE, CompareCommand::new),
  RANK("rank", Place.WORKER_WITH_ENGINE, RankCommand::new),
  CHECK("check", Place.WORKER_WITH_ENGINE, CheckCommand::new),
  CALIBRATE("calibrate", Place.WORKER_WITH_ENGINE, CalibrateCommand::new),
  CACHE("cache", Place.HERE, CacheCommand::new),
  WORKER("worker", Place.HERE, WorkerCommand::new);

  /** The process that a command runs in. */
  enum Place {
    /** This one: the command runs no pooler, or has children of its own for that. */
    HERE,
    /** A child process, for poolers and encoders are run; it is ended at once on Ctrl-C. */
    WORKER,
    /** The same; the engine is loaded while the command is looked at. */
    WORKER_WITH_ENGINE,
    /** As a worker, but on Ctrl-C the command brings its work in order. */
    WORKER_THAT_IS_CANCELLED
  }

  private static final List<String> VERSION = List.of("--version", "-V");

  private final String commandName;
  private final Supplier<Object> command;

  private final Place place;

  Commands(String commandName, Place place, Supplier<Object> command) {
    this.commandName = commandName;
    this.place = place;
    this.command = command;
  }

  /** Where the command of these arguments runs; help is given here. */
  static Place place(String[] arguments) {
    List<String> words = List.of(arguments);
    if (words.isEmpty() || words.contains("--help") || words.contains("-h")) {
      return Place.HERE;
    }
    return Arrays.stream(values())
        .filter(each -> each.commandName.equals(words.get(0)))
        .map(each -> each.place)
        .findAny()
        .orElse(Place.HERE);
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
