package dev.poolmark.server.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/poolmark} itself. */
class StartScriptIT {

  @TempDir Path folder;

  @Test
  void itStartsByLinksAndFromFoldersWithBlanks() throws Exception {
    Path home = Poolmark.copyTo(folder.resolve("a folder (of 'mine')"));
    Path links = Files.createDirectories(folder.resolve("more links"));
    Path absolute =
        Files.createSymbolicLink(links.resolve("absolute"), home.resolve("bin/poolmark"));
    Path relative = Files.createSymbolicLink(links.resolve("relative"), Path.of("absolute"));
    for (Path command : new Path[] {home.resolve("bin/poolmark"), absolute, relative}) {
      Outcome outcome = Poolmark.at(command).run("--version").expectDone();
      assertTrue(outcome.stdout().startsWith("poolmark 0."), outcome::toString);
    }
    assertTrue(
        Poolmark.at(relative).run("poolers").expectDone().stdout().contains("mean"),
        "the plugins beside it are found");
  }

  @Test
  void aWrongJavaHomeIsTold() throws Exception {
    Outcome outcome = Poolmark.built().with("JAVA_HOME", "/no/where").run("--version");
    assertEquals(
        "expected Java 17 or newer in JAVA_HOME or on the PATH, found no /no/where/bin/java",
        outcome.expectError(1));
  }

  @Test
  void anOldJavaIsTold() throws Exception {
    Path java = Files.createDirectories(folder.resolve("jdk-11/bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n");
    assertTrue(java.toFile().setExecutable(true));
    Outcome outcome =
        Poolmark.built().with("JAVA_HOME", folder.resolve("jdk-11").toString()).run("--version");
    assertEquals(
        "expected Java 17 or newer in JAVA_HOME or on the PATH, found " + java + " of version 11",
        outcome.expectError(1));
  }

  @Test
  void anOldJavaIsKnownByItsReleaseFile() throws Exception {
    Path java = Files.createDirectories(folder.resolve("jdk-11/bin")).resolve("java");
    Files.writeString(java, "#!/bin/sh\necho started\n");
    assertTrue(java.toFile().setExecutable(true));
    Files.writeString(
        folder.resolve("jdk-11/release"), "IMPLEMENTOR=\"X\"\nJAVA_VERSION=\"11.0.2\"\n");
    Outcome outcome =
        Poolmark.built().with("JAVA_HOME", folder.resolve("jdk-11").toString()).run("--version");
    assertEquals(
        "expected Java 17 or newer in JAVA_HOME or on the PATH, found " + java + " of version 11",
        outcome.expectError(1));
  }

  @Test
  void itStartsFromTheClassArchive() throws Exception {
    Outcome outcome =
        Poolmark.built()
            .with("POOLMARK_JAVA_OPTS", "-Xlog:class+load:file=" + folder.resolve("classes.log"))
            .run("--version")
            .expectDone();
    assertEquals(1, outcome.stdout().lines().count(), outcome::toString);
    assertTrue(
        Files.readString(folder.resolve("classes.log"))
            .contains("dev.poolmark.evaluator.cli.Poolmark source: shared objects file"));
  }

  @Test
  void anArchiveOfAnotherJavaIsPassedOverInSilence() throws Exception {
    Path archive = Files.writeString(folder.resolve("other.jsa"), "of another Java");
    Outcome outcome =
        Poolmark.built()
            .with("POOLMARK_JAVA_OPTS", "-XX:SharedArchiveFile=" + archive)
            .run("--version")
            .expectDone();
    assertEquals("", outcome.stderr());
    assertEquals(1, outcome.stdout().lines().count(), outcome::toString);
  }

  @Test
  void itsJavaOptionsReachTheJvm() throws Exception {
    Outcome outcome =
        Poolmark.built().with("POOLMARK_JAVA_OPTS", "-Xmx64m -XshowSettings:vm").run("--version");
    assertEquals(0, outcome.exitCode(), outcome::toString);
    assertTrue(outcome.stderr().contains("64.00M"), outcome::toString);
  }

  @Test
  void withoutJavaHomeThePathIsSearched() throws Exception {
    Path bin = Files.createDirectories(folder.resolve("bin"));
    Files.createSymbolicLink(
        bin.resolve("java"), Path.of(System.getProperty("java.home"), "bin/java"));
    Poolmark.built()
        .without("JAVA_HOME")
        .with("PATH", bin + ":/usr/bin:/bin")
        .run("--version")
        .expectDone();
  }
}
