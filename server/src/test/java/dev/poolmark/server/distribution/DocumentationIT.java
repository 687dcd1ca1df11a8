package dev.poolmark.server.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.poolmark.server.distribution.Manual.Block;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The commands of the manuals, run as they stand. They find small data under the names that the
 * manuals use. A block that can't be run here says why, in a comment right before it: {@code <!--
 * not run: … -->}.
 */
class DocumentationIT {

  private static final Path SOURCE = Path.of(System.getProperty("poolmark.source", ".."));
  private static final boolean CI = "true".equals(System.getenv("CI"));

  private static final String FOUR_FILES =
      "poolmark encode --pairs sts-train.csv --out train\npoolmark encode --pairs sts-dev.csv --out dev\n";

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"README.md", "evaluator/README.md", "server/README.md", "api/README.md"})
  void theCommandsOfAManualRun(String name) throws Exception {
    assumeTrue(CI || System.getenv("POOLMARK_PYTHON") != null, "no Python with torch");
    List<Block> commands = Manual.read(SOURCE.resolve(name)).commands();
    assertFalse(commands.isEmpty(), name);
    int port = freePort();
    ManualData.write(folder, SOURCE);
    writePrograms(port);
    run(name, commands, port);
  }

  private void run(String name, List<Block> commands, int port) throws Exception {
    Path script = Files.writeString(folder.resolve("commands.sh"), script(name, commands));
    Path output = folder.resolve("output.txt");
    ProcessBuilder builder =
        new ProcessBuilder("bash", script.toString())
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    Map<String, String> environment = builder.environment();
    environment.put("PATH", folder.resolve("programs") + ":" + environment.get("PATH"));
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    environment.put("XDG_CACHE_HOME", Poolmark.caches().toString());
    environment.put("POOLMARK_HOME", folder.resolve("home").toString());
    environment.put("POOLMARK_PORT", Integer.toString(port));
    Process process = builder.start();
    try {
      assertTrue(
          process.waitFor(10, TimeUnit.MINUTES), () -> name + " takes too long: " + text(output));
      assertEquals(0, process.exitValue(), () -> text(output));
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static String script(String name, List<Block> commands) {
    StringBuilder script =
        new StringBuilder("set -euo pipefail\ntrap 'jobs -p | xargs -r kill' EXIT\n");
    if (name.equals("README.md")) {
      script.append(FOUR_FILES); // which a contestant has
    }
    for (Block block : commands) {
      script.append(String.format(Locale.ROOT, "echo '--- %s, line %d'%n", name, block.line()));
      script.append(block.text()).append('\n');
    }
    return script.append("echo '--- done'\n").toString();
  }

  private static String text(Path output) {
    try {
      String text = Files.readString(output);
      return text.substring(Math.max(0, text.length() - 4000));
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return free.getLocalPort();
    }
  }

  /**
   * The distribution under its short name; Maven with the api as it was installed for the examples;
   * and curl and Python, which find the server at a port that is free.
   */
  private void writePrograms(int port) throws IOException {
    Path programs = Files.createDirectories(folder.resolve("programs"));
    Files.createSymbolicLink(programs.resolve("poolmark"), Poolmark.home().resolve("bin/poolmark"));
    Path target = Files.createDirectories(folder.resolve("server/target"));
    Files.createSymbolicLink(target.resolve("poolmark"), Poolmark.home());
    program(
        programs.resolve("curl"),
        "exec /usr/bin/curl \"${@//127.0.0.1:8765/127.0.0.1:" + port + "}\"");
    program(
        programs.resolve("python"),
        "exec \"${POOLMARK_PYTHON:-python3}\" -c \"$(sed 's/127.0.0.1:8765/127.0.0.1:"
            + port
            + "/')\"");
    program(
        programs.resolve("mvn"),
        String.format(
            Locale.ROOT,
            "exec /usr/bin/env PATH=\"${PATH#*:}\" mvn -o -B -ntp -s '%s' -Dmaven.repo.local='%s'"
                + " \"$@\"",
            writeSettings(),
            Poolmark.home().resolveSibling("it-repo")));
  }

  /** What the build has fetched is taken from its own repository, as for the examples. */
  private Path writeSettings() throws IOException {
    String repository =
        System.getProperty(
            "poolmark.maven.repository", System.getProperty("user.home") + "/.m2/repository");
    return Files.writeString(
        folder.resolve("settings.xml"),
        Files.readString(SOURCE.resolve("server/src/it/settings.xml"))
            .replace("@localRepositoryUrl@", Path.of(repository).toUri().toString()));
  }

  private static void program(Path file, String line) throws IOException {
    Files.writeString(file, "#!/bin/bash\n" + line + "\n");
    assertTrue(file.toFile().setExecutable(true));
  }

  @Test
  void theManualOfPluginsShowsTheExamplesAsTheyAre() throws Exception {
    List<String> shown =
        Manual.read(SOURCE.resolve("api/README.md")).blocks().stream()
            .filter(block -> List.of("java", "kotlin").contains(block.language()))
            .map(Block::text)
            .toList();
    List<String> examples = new ArrayList<>();
    for (String file :
        List.of(
            "tiny-plugin/src/main/java/org/example/tiny/FirstTokens.java",
            "kotlin-plugin/src/main/kotlin/org/example/kotlin/PowerSum.kt")) {
      examples.add(Files.readString(SOURCE.resolve("api/examples").resolve(file)));
    }
    assertEquals(2, shown.size());
    for (int i = 0; i < shown.size(); i++) {
      assertTrue(examples.get(i).contains(shown.get(i)), shown.get(i));
    }
  }

  @Test
  void theExamplesNameThisVersion() throws Exception {
    for (String example : List.of("tiny-plugin", "kotlin-plugin")) {
      String pom =
          Files.readString(SOURCE.resolve("api/examples").resolve(example).resolve("pom.xml"));
      String version = System.getProperty("poolmark.version");
      assertTrue(
          pom.contains(
              "<artifactId>poolmark-api</artifactId>\n      <version>" + version + "</version>"),
          example);
    }
  }

  @Test
  void theManualPromisesTheVersionsThatAreBundled() throws Exception {
    String manual = Files.readString(SOURCE.resolve("api/README.md"));
    for (String library : List.of("api-0.28", "slf4j-api-2.0")) {
      String version = library.replaceFirst(".*-", "");
      assertTrue(
          Data.names(Poolmark.home().resolve("lib")).stream()
              .anyMatch(jar -> jar.startsWith(library + ".")),
          library);
      assertTrue(manual.contains(" " + version + ".x"), version);
    }
  }
}
