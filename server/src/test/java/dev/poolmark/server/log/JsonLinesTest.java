package dev.poolmark.server.log;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

/** A line of the log as programs read it. */
class JsonLinesTest {

  @Test
  void aFaultIsOneLineWithItsTimeLevelAndStack() {
    LogRecord record = new LogRecord(Level.SEVERE, "it\nbroke \"here\"");
    record.setLoggerName("x.Y");
    record.setInstant(Instant.parse("2026-01-02T03:04:05.678Z"));
    record.setThrown(new IllegalStateException("why"));
    String line = new JsonLines().format(record);
    assertEquals(1, line.lines().count(), line);
    JsonObject json = new JsonObject(line);
    assertEquals("2026-01-02T03:04:05.678Z", json.getString("time"));
    assertEquals("error", json.getString("level"));
    assertEquals("x.Y", json.getString("logger"));
    assertEquals("it\nbroke \"here\"", json.getString("message"));
    assertTrue(json.getString("stack").startsWith("java.lang.IllegalStateException: why\n"), line);
  }

  @Test
  void thePartsOfAnEntryAreFieldsAndItsMessageIsTakenLiterally() {
    JsonObject json =
        new JsonObject(
            new JsonLines().format(new Entry("access", "GET /{0}", Map.of("status", 200))));
    assertEquals("info", json.getString("level"));
    assertEquals("GET /{0}", json.getString("message"));
    assertEquals(200, json.getInteger("status"));
  }
}
