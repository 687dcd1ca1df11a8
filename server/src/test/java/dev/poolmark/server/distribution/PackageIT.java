package dev.poolmark.server.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in the package beside the programs, and that it runs where it is unpacked. */
class PackageIT {

  private static final boolean CI = "true".equals(System.getenv("CI"));

  /** Of the tar.gz; libtorch and the two encoders are 289 million of it. */
  private static final long MOST_BYTES = 350_000_000;

  @TempDir Path folder;

  @Test
  void theTarRunsWhereItIsUnpacked() throws Exception {
    Path tar = archive(".tar.gz");
    assertTrue(Files.size(tar) < MOST_BYTES, Files.size(tar) + " bytes");
    Path unpacked = unpack(tar).resolve("poolmark-" + System.getProperty("poolmark.version"));
    Outcome version = Poolmark.at(unpacked.resolve("bin/poolmark")).run("--version").expectDone();
    assertTrue(version.stdout().startsWith("poolmark "), version::toString);
    Outcome poolers = Poolmark.at(unpacked.resolve("bin/poolmark")).run("poolers").expectDone();
    assertTrue(poolers.stdout().contains("attention"), poolers::toString);
  }

  private Path unpack(Path tar) throws IOException {
    try (TarArchiveInputStream in =
        new TarArchiveInputStream(new GzipCompressorInputStream(Files.newInputStream(tar)))) {
      for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        Path file = folder.resolve(entry.getName());
        Files.createDirectories(file.getParent());
        Files.copy(in, file);
        file.toFile().setExecutable((entry.getMode() & 0100) != 0);
      }
    }
    return folder;
  }

  @Test
  void theZipHasTheSameFiles() throws Exception {
    Set<String> zipped = new TreeSet<>();
    try (ZipFile zip = new ZipFile(archive(".zip").toFile())) {
      zip.stream().forEach(entry -> zipped.add(entry.getName().replaceFirst("^[^/]*/", "")));
    }
    Set<String> built = new TreeSet<>();
    try (Stream<Path> files = Files.walk(Poolmark.home())) {
      files
          .filter(file -> Files.isRegularFile(file) && !file.toString().endsWith(".jsa"))
          .forEach(file -> built.add(Poolmark.home().relativize(file).toString()));
    }
    assertEquals(built, zipped);
  }

  private static Path archive(String ending) {
    String name = "poolmark-" + System.getProperty("poolmark.version") + ending;
    return Poolmark.home().resolveSibling(name);
  }

  @Test
  void eachBundledLibraryHasALicence() throws Exception {
    try (Stream<Path> jars = Files.list(Poolmark.home().resolve("lib"))) {
      for (Path jar : jars.filter(file -> file.toString().endsWith(".jar")).toList()) {
        String name = jar.getFileName().toString().replaceFirst("[.]jar$", "");
        assertTrue(
            name.startsWith("poolmark-")
                || !Data.names(Poolmark.home().resolve("licences").resolve(name)).isEmpty(),
            name);
      }
    }
    assertTrue(Files.exists(Poolmark.home().resolve("LICENSE")));
  }

  @Test
  void noNativeCodeOfOtherPlatformsIsInIt() throws Exception {
    String arch = System.getProperty("os.arch");
    assumeTrue(System.getProperty("os.name").equals("Linux") && arch.equals("amd64"), arch);
    List<String> foreign = new ArrayList<>();
    try (Stream<Path> jars = Files.list(Poolmark.home().resolve("lib"))) {
      for (Path jar : jars.filter(file -> file.toString().endsWith(".jar")).toList()) {
        try (ZipFile file = new ZipFile(jar.toFile())) {
          file.stream()
              .map(entry -> entry.getName().toLowerCase(Locale.ROOT))
              .filter(
                  name -> name.matches(".*(osx|mac|win|windows|aarch64|arm64).*[.](so|dylib|dll)"))
              .forEach(foreign::add);
        }
      }
    }
    assertEquals(List.of(), foreign);
  }

  @Test
  void aShellCompletesCommandsAndOptions() throws Exception {
    Path script = Poolmark.home().resolve("share/bash-completion/completions/poolmark");
    assertEquals("search", completed(script, "poolmark", "sea"));
    assertEquals("--max-queued", completed(script, "poolmark", "serve", "--max-q"));
    assertEquals("", completed(script, "poolmark", "worke"));
  }

  /** What bash would put in place of the last word. */
  private static String completed(Path script, String... words)
      throws IOException, InterruptedException {
    String line =
        String.format(
            Locale.ROOT,
            "source '%s'; COMP_WORDS=(%s); COMP_CWORD=%d; _complete_poolmark 2>/dev/null;"
                + " echo \"${COMPREPLY[*]}\"",
            script,
            String.join(" ", words),
            words.length - 1);
    return said("bash", "-c", line).strip();
  }

  @Test
  void eachCommandHasAPageOfTheManual() throws Exception {
    assumeTrue(CI || Files.exists(Path.of("/usr/bin/man")), "no man");
    Path pages = Poolmark.home().resolve("share/man/man1");
    List<String> names = Data.names(pages);
    assertTrue(names.contains("poolmark.1") && names.contains("poolmark-serve.1"), names::toString);
    assertFalse(names.contains("poolmark-worker.1"), names::toString);
    for (String name : names) {
      String page = said("man", "--warnings", "-E", "UTF-8", "-l", pages.resolve(name).toString());
      assertTrue(page.contains("SYNOPSIS"), name + ": " + page);
      assertFalse(page.contains("warning"), name + ": " + page);
    }
    String score = said("man", "-l", pages.resolve("poolmark-score.1").toString());
    assertTrue(score.contains("--pooler"), score);
  }

  @Test
  void theNotebookReadsTheReport() throws Exception {
    JsonNode notebook =
        new ObjectMapper().readTree(Poolmark.home().resolve("examples/report.ipynb").toFile());
    StringBuilder program = new StringBuilder();
    for (JsonNode cell : notebook.get("cells")) {
      if (cell.get("cell_type").asText().equals("code")) {
        cell.get("source").forEach(line -> program.append(line.asText()));
        program.append('\n');
      }
    }
    Path script = Files.writeString(folder.resolve("notebook.py"), program);
    String python = System.getenv().getOrDefault("POOLMARK_PYTHON", "python3");
    String said = said(python, script.toString());
    assertTrue(said.contains("mean") && said.contains("µs"), said);
  }

  private static String said(String... command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("POOLMARK", Poolmark.home().resolve("bin/poolmark").toString());
    builder.environment().put("PYTHONIOENCODING", "UTF-8");
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().put("MANWIDTH", "200");
    File output = File.createTempFile("said", null);
    Process process = builder.redirectOutput(output).start();
    try {
      assertTrue(process.waitFor(2, TimeUnit.MINUTES), () -> String.join(" ", command));
      String said = Files.readString(output.toPath(), StandardCharsets.UTF_8);
      assertEquals(0, process.exitValue(), said);
      return said;
    } finally {
      process.destroyForcibly();
      Files.delete(output.toPath());
    }
  }
}
