package dev.poolmark.server.log;

import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Locale;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/**
 * A JSON object a line: {@code time} (ISO 8601, UTC), {@code level}, {@code logger}, {@code
 * message}, the {@code stack} of what was thrown, and the fields of an {@link Entry}.
 */
final class JsonLines extends Formatter {

  @Override
  public String format(LogRecord line) {
    JsonObject json =
        new JsonObject()
            .put("time", line.getInstant().toString())
            .put("level", level(line.getLevel()))
            .put("logger", line.getLoggerName())
            .put("message", formatMessage(line));
    if (line.getThrown() != null) {
      json.put("stack", stack(line.getThrown()));
    }
    if (line instanceof Entry entry) {
      entry.fields().forEach(json::put);
    }
    return json.encode() + "\n";
  }

  /** As most programs call it. */
  private static String level(Level level) {
    if (level.equals(Level.SEVERE)) {
      return "error";
    } else if (level.equals(Level.WARNING)) {
      return "warn";
    } else if (level.equals(Level.INFO)) {
      return "info";
    }
    return level.getName().toLowerCase(Locale.ROOT);
  }

  private static String stack(Throwable thrown) {
    StringWriter text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString();
  }
}
