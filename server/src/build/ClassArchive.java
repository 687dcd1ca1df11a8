import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Makes a distribution's class-data-sharing archive, so that Poolmark starts faster: runs some
 * commands, notes the classes that they load, and has this JVM write these to {@code
 * lib/poolmark.jsa}. Without the archive all works as well, so a fault here is told and no more.
 */
final class ClassArchive {

  private final Path home;
  private final Path work;

  private ClassArchive(Path home, Path work) {
    this.home = home;
    this.work = work;
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    Path work = Files.createTempDirectory("poolmark-classes");
    try {
      new ClassArchive(Path.of(args[0]).toAbsolutePath(), work).make();
    } catch (IOException e) {
      System.err.println("No class archive, so Poolmark starts slower: " + e.getMessage());
    } finally {
      delete(work);
    }
  }

  private void make() throws IOException, InterruptedException {
    Files.deleteIfExists(archive());
    Path data = writeData();
    noteClasses("--version");
    noteClasses("poolers");
    noteClasses(
        "score", "--data", data.toString(), "--dim", "4", "--cache", work.toString(),
        "--pooler", "sum", "--timeout", "60");
    dump(mergedList());
  }

  private Path archive() {
    return home.resolve("lib").resolve("poolmark.jsa");
  }

  /** The smallest data set that can be scored. */
  private Path writeData() throws IOException {
    Path data = Files.createDirectory(work.resolve("data"));
    List<String> rows =
        List.of("1 4 0.1 0.5 0.2 0.9", "1 4 0.7 0.3 0.8 0.4", "2 4 0.6 0.1 0.9 0.2 0.5 0.3 0.1 0.7");
    Files.write(data.resolve("first.txt"), rows);
    Files.write(data.resolve("second.txt"), List.of(rows.get(2), rows.get(1), rows.get(0)));
    Files.write(data.resolve("labels.txt"), List.of("1", "5", "2.5"));
    return data;
  }

  private void noteClasses(String... arguments) throws IOException, InterruptedException {
    boolean windows = System.getProperty("os.name").startsWith("Windows");
    List<String> command = new ArrayList<>();
    command.add(home.resolve("bin").resolve(windows ? "poolmark.cmd" : "poolmark").toString());
    command.addAll(List.of(arguments));
    // Each JVM that the command starts writes a list of its own.
    run(command, "-XX:DumpLoadedClassList=" + work.resolve("classes-%p.lst"));
  }

  private Path mergedList() throws IOException {
    Set<String> lines = new LinkedHashSet<>();
    try (Stream<Path> lists = Files.list(work)) {
      for (Path list : lists.filter(file -> file.toString().endsWith(".lst")).toList()) {
        lines.addAll(Files.readAllLines(list));
      }
    }
    return Files.write(work.resolve("all.txt"), lines);
  }

  private void dump(Path classes) throws IOException, InterruptedException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xshare:dump",
            "-Xlog:disable",
            "-XX:SharedClassListFile=" + classes,
            "-XX:SharedArchiveFile=" + archive(),
            "-cp",
            home.resolve("lib") + File.separator + "*");
    run(command, "");
  }

  private void run(List<String> command, String javaOptions)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("POOLMARK_JAVA_OPTS", javaOptions);
    Path output = work.resolve("output.txt");
    int exit =
        builder.redirectErrorStream(true).redirectOutput(output.toFile()).start().waitFor();
    if (exit != 0) {
      throw new IOException(
          String.format(
              Locale.ROOT, "%s ended with %d: %s", command, exit, Files.readString(output)));
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      Path[] deepestFirst = files.toArray(Path[]::new);
      for (int i = deepestFirst.length - 1; i >= 0; i--) {
        Files.delete(deepestFirst[i]);
      }
    }
  }
}
