package dev.poolmark.evaluator.worker;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How to start a worker's child process.
 *
 * @param words the program and its arguments
 * @param environment all that the child gets
 * @param folder where the child works; null for where this process does
 * @param memoryBytes a child whose own memory passes this is killed; counted where the system tells
 */
public record WorkerProgram(
    List<String> words, Map<String, String> environment, @Nullable Path folder, long memoryBytes) {

  /**
   * The child runs code of plugins, and whatever this process knows by its environment may be a
   * secret: only these variables are handed on, and those that begin like {@link #HANDED_ON_LIKE}.
   */
  private static final Set<String> HANDED_ON =
      Set.of(
          "PATH",
          "HOME",
          "USER",
          "LOGNAME",
          "SHELL",
          "TERM",
          "LANG",
          "LANGUAGE",
          "TZ",
          "TMPDIR",
          "TMP",
          "TEMP",
          "JAVA_HOME",
          "JAVA_TOOL_OPTIONS",
          "JDK_JAVA_OPTIONS",
          "POOLMARK_JAVA_OPTS",
          "POOLMARK_PYTHON",
          "POOLMARK_CACHE_SIZE",
          "LD_LIBRARY_PATH",
          "LD_PRELOAD",
          "VIRTUAL_ENV",
          // Windows starts nothing without these
          "SYSTEMROOT",
          "SYSTEMDRIVE",
          "WINDIR",
          "COMSPEC",
          "PATHEXT",
          "USERPROFILE",
          "APPDATA",
          "LOCALAPPDATA");

  private static final List<String> HANDED_ON_LIKE =
      List.of("LC_", "XDG_", "DYLD_", "DJL_", "PYTORCH_", "PYTHON", "PYENV_", "OMP_", "MKL_");

  private static final boolean WINDOWS = System.getProperty("os.name").startsWith("Windows");

  /**
   * Moves the standard output to descriptor 3, where events go, and what plugins print, in Java or
   * not, to the standard error.
   */
  private static final List<String> PARTED_OUTPUT =
      List.of("sh", "-c", "exec 3>&1 1>&2; exec \"$@\"", "worker");

  public WorkerProgram {
    words = List.copyOf(words);
    environment = Map.copyOf(environment);
  }

  /**
   * The hidden command of a distribution.
   *
   * @param home the distribution's folder
   * @param options of the command
   */
  public static WorkerProgram of(Path home, List<String> options, long memoryBytes) {
    Path program = home.resolve("bin").resolve(WINDOWS ? "poolmark.cmd" : "poolmark");
    if (!Files.isRegularFile(program)) {
      throw new IllegalArgumentException(
          program + ": expected the distribution's program, found none");
    }
    List<String> words = new ArrayList<>(List.of(program.toString(), "worker"));
    words.addAll(options);
    Map<String, String> environment = handedOn(System.getenv());
    environment.putAll(Map.of("OMP_NUM_THREADS", "1", "MKL_NUM_THREADS", "1"));
    return new WorkerProgram(words, environment, null, memoryBytes);
  }

  private static Map<String, String> handedOn(Map<String, String> environment) {
    Map<String, String> kept = new HashMap<>();
    environment.forEach(
        (name, value) -> {
          String upper = name.toUpperCase(java.util.Locale.ROOT);
          if (HANDED_ON.contains(upper) || HANDED_ON_LIKE.stream().anyMatch(upper::startsWith)) {
            kept.put(name, value);
          }
        });
    return kept;
  }

  /** The same in another folder, where a crash of native code leaves its traces. */
  public WorkerProgram in(Path other) {
    return new WorkerProgram(words, environment, other, memoryBytes);
  }

  /** The same where cores are short for a process that gives way. */
  public WorkerProgram nice(int niceness) {
    if (WINDOWS) {
      return this;
    }
    List<String> niced = new ArrayList<>(List.of("nice", "-n", Integer.toString(niceness)));
    niced.addAll(words);
    return new WorkerProgram(niced, environment, folder, memoryBytes);
  }

  /**
   * The same as another user.
   *
   * @param home of the child, where it keeps what it unpacks; the user's own
   */
  public WorkerProgram as(WorkerUser user, Path home) {
    Map<String, String> its = new HashMap<>(environment);
    its.keySet().removeIf(name -> name.startsWith("XDG_") || name.equals("DJL_CACHE_DIR"));
    its.putAll(Map.of("HOME", home.toString(), "USER", user.name(), "LOGNAME", user.name()));
    return new WorkerProgram(user.child(words), its, folder, memoryBytes);
  }

  /** The same with further options for its Java. */
  public WorkerProgram withJavaOptions(String options) {
    Map<String, String> more = new HashMap<>(environment);
    more.merge("POOLMARK_JAVA_OPTS", options, (others, added) -> others + " " + added);
    return new WorkerProgram(words, more, folder, memoryBytes);
  }

  /**
   * The same with so many cores for all but libtorch: what the child sees as the machine's, and the
   * tokenizer's threads.
   */
  public WorkerProgram withCores(int cores) {
    WorkerProgram limited = withJavaOptions("-XX:ActiveProcessorCount=" + cores);
    Map<String, String> more = new HashMap<>(limited.environment);
    more.put("RAYON_NUM_THREADS", Integer.toString(cores));
    return new WorkerProgram(words, more, folder, memoryBytes);
  }

  /** Not started yet: events come from its standard output. */
  ProcessBuilder process() {
    List<String> line = new ArrayList<>(WINDOWS ? List.of() : PARTED_OUTPUT);
    line.addAll(words);
    if (!WINDOWS) {
      line.addAll(List.of("--events", "/dev/fd/3"));
    }
    ProcessBuilder builder = new ProcessBuilder(line);
    if (folder != null) {
      builder.directory(folder.toFile());
    }
    builder.environment().clear();
    builder.environment().putAll(environment);
    return builder;
  }
}
