package dev.poolmark.server.log;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.LogRecord;

/** A line of the log whose parts have names. */
public final class Entry extends LogRecord {

  private static final long serialVersionUID = 1;

  private final transient Map<String, Object> fields;

  /**
   * @param logger whose line it is
   * @param message all of it, for people
   * @param fields the same for programs: texts, numbers and what else JSON has, in their order
   */
  public Entry(String logger, String message, Map<String, Object> fields) {
    super(Level.INFO, message);
    setLoggerName(logger);
    this.fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
  }

  Map<String, Object> fields() {
    return fields;
  }
}
