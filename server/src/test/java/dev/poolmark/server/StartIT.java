package dev.poolmark.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What keeps a server from starting is told in one line. */
@ExtendWith(VertxExtension.class)
class StartIT {

  @Test
  void aSecondServerInTheSameHomeIsRefused() throws Exception {
    Path home = TestFiles.folder("twice");
    try (ServerProcess first = ServerProcess.start(home)) {
      assertRefused(home, List.of(home.toString(), "another Poolmark server uses this home"));
    }
  }

  @Test
  void aPluginThatHangsHoldsUpNoRun(Vertx vertx) throws Exception {
    Path plugins = TestFiles.folder("plugins");
    TestFiles.writeHangingJar(plugins.resolve("hanging.jar"));
    try (ServerProcess server =
        ServerProcess.start(
            TestFiles.folder("hanging"), "--plugins", plugins.toString(), "--drain", "0")) {
      Client client = new Client(vertx, server);
      Future<HttpResponse<Buffer>> listing = client.request(HttpMethod.GET, "/poolers").send();
      String run = client.start("sum");
      assertFalse(listing.isComplete(), "the run was taken before all plugins were looked at");
      assertTrue(Client.await(listing).bodyAsString().contains("hanging.jar"));
      assertEquals("done", client.end(run).getString("status"));
      assertEquals(
          422,
          client
              .post("/runs", new JsonObject().put("pooler", "hanging").put("dataset", "toy"))
              .statusCode());
    }
  }

  @Test
  void aStartThatFailsLeavesNoChildBehind() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = Integer.toString(taken.getLocalPort());
      String encoder = TestFiles.distribution().toString(); // no model, and so found at once
      for (List<String> options :
          List.of(List.of("--port", port), List.of("--port", "0", "--encoder", encoder))) {
        Path home = TestFiles.folder("childless");
        Process process =
            Wait.bounded(ServerProcess.process(home, options.toArray(String[]::new)).start());
        Set<ProcessHandle> children = new HashSet<>();
        while (process.isAlive()) {
          process.descendants().forEach(children::add);
        }
        for (ProcessHandle child : children) {
          child.onExit().get(1, TimeUnit.MINUTES);
        }
        assertEquals(List.of(), childrenIn(home));
      }
    }
  }

  /** Processes that work in a home: a lane does, whosever child it is by now. */
  private static List<String> childrenIn(Path home) {
    return ProcessHandle.allProcesses()
        .filter(process -> workingFolder(process).startsWith(home.toAbsolutePath().normalize()))
        .map(process -> process.info().commandLine().orElse("?"))
        .toList();
  }

  private static Path workingFolder(ProcessHandle process) {
    try {
      return Files.readSymbolicLink(Path.of("/proc", Long.toString(process.pid()), "cwd"));
    } catch (IOException | UnsupportedOperationException e) {
      return Path.of("gone");
    }
  }

  @Test
  void aPortThatIsTakenIsNamed() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = Integer.toString(taken.getLocalPort());
      List<String> told = List.of("127.0.0.1:" + port, "in use");
      assertRefused(TestFiles.folder("taken"), told, "--port", port);
    }
  }

  @Test
  void aHomeThatCannotBeWrittenToIsNamed() throws Exception {
    Path file = Files.createFile(TestFiles.folder("no-home").resolve("file"));
    for (Path home : List.of(file, file.resolve("under"), Path.of("/proc/poolmark"))) {
      assertRefused(home, List.of(home.toString(), "expected a home that can be written to"));
    }
  }

  @Test
  void aDatabaseThatIsNoneIsNamed() throws Exception {
    Path home = TestFiles.folder("corrupt");
    Files.writeString(
        home.resolve("runs.db"), "this was a database once, and is no more".repeat(99));
    assertRefused(home, List.of(home.resolve("runs.db").toString(), "not a database"));
    String url = "jdbc:postgresql://127.0.0.1:9/none?user=poolmark&password=secret";
    String told = assertRefused(home, List.of("127.0.0.1:9/none", "refused"), "--database", url);
    assertTrue(!told.contains("secret"), told);
  }

  @ParameterizedTest
  @CsvSource({
    "--host, 0.0.0.0, --token",
    "--lanes, 999, --lanes: expected 1 to",
    "--pin-cores, 999, --pin-cores: expected 0 to",
    "--port, 65536, --port: expected 0 to 65535",
    "--plugins, /nowhere, '--plugins /nowhere: expected a folder'",
    "--database, jdbc:nothing, No suitable driver",
    "--pooler, nope, expected one of",
    "--drain, -1, --drain: expected 0 to",
    "--run-timeout, 0, --run-timeout: expected 1 to",
    "--max-body, 0, --max-body: expected at least 1",
    "--max-connections, 0, --max-connections: expected at least 1",
    "--lane-memory, 0, --lane-memory: expected at least 1",
    "--database, '', '--database: expected a JDBC URL'",
    "--tls-cert, /nowhere, '--tls-cert: expected --tls-key with it, found none'",
    "--log-format, xml, --log-format",
  })
  void anOptionThatCannotBeIsNamed(String option, String value, String told) throws Exception {
    assertRefused(TestFiles.folder("options"), List.of(told), option, value);
  }

  @Test
  void aCertificateThatIsNoneIsNamed() throws Exception {
    Path folder = TestFiles.folder("tls");
    TestCertificate good = TestCertificate.make(folder);
    Path bad = Files.writeString(folder.resolve("bad.pem"), "no certificate");
    String told = "expected a certificate and its key as PEM";
    assertRefused(
        folder,
        List.of(bad.toString(), told),
        "--tls-cert",
        bad.toString(),
        "--tls-key",
        good.key().toString());
    assertRefused(
        folder,
        List.of(bad.toString(), told),
        "--tls-cert",
        good.certificate().toString(),
        "--tls-key",
        bad.toString());
  }

  @Test
  void aVariableThatCannotBeIsNamed() throws Exception {
    ProcessBuilder builder = ServerProcess.process(TestFiles.folder("variables"));
    builder.environment().put("POOLMARK_TOKEN", "");
    Process process = Wait.bounded(builder.start());
    String error = new String(process.getErrorStream().readAllBytes());
    assertEquals(2, process.waitFor());
    assertEquals(1, error.strip().lines().count(), error);
    assertTrue(error.contains("POOLMARK_TOKEN: expected a value"), error);
  }

  private static String assertRefused(Path home, List<String> told, String... options)
      throws IOException, InterruptedException {
    Process process = Wait.bounded(ServerProcess.process(home, options).start());
    String error = new String(process.getErrorStream().readAllBytes());
    assertTrue(process.waitFor() != 0);
    assertEquals(1, error.strip().lines().count(), error);
    told.forEach(part -> assertTrue(error.contains(part), error));
    return error;
  }
}
