package dev.poolmark.server.lane;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How to start a lane's child process.
 *
 * @param words the program and its arguments
 * @param environment added to the server's own
 * @param folder where the child works, and where a crash of native code leaves its traces
 * @param memoryBytes a child whose own memory passes this is killed; counted where the system tells
 */
public record LaneProgram(
    List<String> words, Map<String, String> environment, Path folder, long memoryBytes) {

  /**
   * Where cores are short, the server answers first. A machine that has one to spare runs a lane as
   * fast as ever, and what is timed is timed in turn with the reference.
   */
  private static final String NICENESS = "5";

  public LaneProgram {
    words = List.copyOf(words);
    environment = Map.copyOf(environment);
  }

  /**
   * The lane command of the distribution that this server was started from.
   *
   * @param home the distribution's folder
   * @param pinCore a core, or -1 to leave that to the system
   */
  public static LaneProgram of(
      Path home, List<Path> plugins, Path folder, int pinCore, long memoryBytes) {
    boolean windows = System.getProperty("os.name").startsWith("Windows");
    Path program = home.resolve("bin").resolve(windows ? "poolmark.cmd" : "poolmark");
    if (!Files.isRegularFile(program)) {
      throw new IllegalArgumentException(
          program + ": expected the distribution's program, found none");
    }
    List<String> words = new ArrayList<>(windows ? List.of() : List.of("nice", "-n", NICENESS));
    words.addAll(List.of(program.toString(), "lane"));
    plugins.forEach(plugin -> words.addAll(List.of("--plugins", plugin.toString())));
    if (pinCore >= 0) {
      words.addAll(List.of("--pin-core", Integer.toString(pinCore)));
    }
    Map<String, String> oneThread = Map.of("OMP_NUM_THREADS", "1", "MKL_NUM_THREADS", "1");
    return new LaneProgram(words, oneThread, folder, memoryBytes);
  }

  /**
   * The same with so many cores for all but libtorch: what the child sees as the machine's, and the
   * tokenizer's threads.
   */
  public LaneProgram withCores(int cores) {
    Map<String, String> limited = new HashMap<>(environment);
    String others = System.getenv().getOrDefault("POOLMARK_JAVA_OPTS", "");
    limited.put("POOLMARK_JAVA_OPTS", (others + " -XX:ActiveProcessorCount=" + cores).strip());
    limited.put("RAYON_NUM_THREADS", Integer.toString(cores));
    return new LaneProgram(words, limited, folder, memoryBytes);
  }
}
