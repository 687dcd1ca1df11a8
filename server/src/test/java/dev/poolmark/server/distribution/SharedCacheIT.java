package dev.poolmark.server.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.poolmark.server.Wait;
import dev.poolmark.server.distribution.Poolmark.Running;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that are killed at work, and several at once. */
class SharedCacheIT {

  @TempDir Path folder;
  private Path data;
  private Path cache;

  @BeforeEach
  void makeData() throws Exception {
    data = Data.large(folder.resolve("data"), 500, 20);
    cache = folder.resolve("cache");
  }

  @Test
  void afterAKillWhileItParsesTheNextRunWorksAndTidiesUp() throws Exception {
    for (int i = 0; i < 2; i++) {
      Wait.until("a kill while it parses", this::killedWhileItParsed);
    }
    start().outcome().expectDone();
    assertOneStore();
  }

  /** False where the kill came too late; then there is nothing in the cache again. */
  private boolean killedWhileItParsed() throws Exception {
    List<String> before = temporary();
    Running running = start();
    Wait.until(
        "the parsing", () -> !before.containsAll(temporary()) || !running.process().isAlive());
    running.kill();
    if (before.containsAll(temporary())) {
      for (String name : Data.names(cache)) {
        Files.delete(cache.resolve(name));
      }
      return false;
    }
    assertEquals(1, temporary().size(), "what the killed one left: " + Data.names(cache));
    return true;
  }

  @Test
  void twoProcessesAtOnceAreBothRight() throws Exception {
    Running one = start();
    Running other = start();
    JsonNode first = one.outcome().expectDone().json().get(0);
    JsonNode second = other.outcome().expectDone().json().get(0);
    assertEquals(500, first.at("/dataset/pairs").asInt());
    assertEquals(first.get("dataset"), second.get("dataset"));
    assertEquals(first.get("quality"), second.get("quality"));
    assertOneStore();
    assertEquals(first.get("quality"), start().outcome().expectDone().json().get(0).get("quality"));
  }

  @Test
  void aStoreThatWasCutOffIsBuiltAgain() throws Exception {
    start().outcome().expectDone();
    Path store = cache.resolve(stores().get(0));
    long size = Files.size(store);
    try (var channel = Files.newByteChannel(store, java.nio.file.StandardOpenOption.WRITE)) {
      channel.truncate(size / 2);
    }
    Outcome again = start().outcome();
    assertEquals(0, again.exitCode(), again::toString);
    assertEquals(1, again.stderr().lines().count(), again::toString);
    assertTrue(again.stderr().endsWith("; it is made anew\n"), again::toString);
    assertEquals(size, Files.size(store));
    assertOneStore();
  }

  private Running start() throws Exception {
    return Poolmark.built()
        .start(
            "score",
            "--data",
            data.toString(),
            "--pooler",
            "sum",
            "--cache",
            cache.toString(),
            "--format",
            "json");
  }

  private List<String> temporary() throws Exception {
    return Data.names(cache).stream().filter(name -> name.startsWith(".")).toList();
  }

  private List<String> stores() throws Exception {
    return Data.names(cache).stream().filter(name -> name.endsWith(".safetensors")).toList();
  }

  private void assertOneStore() throws Exception {
    List<String> names = Data.names(cache);
    assertEquals(2, names.size(), names::toString);
    assertEquals(1, stores().size(), names::toString);
    assertTrue(names.stream().anyMatch(name -> name.endsWith(".stamps")), names::toString);
  }
}
