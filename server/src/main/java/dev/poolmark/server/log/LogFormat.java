package dev.poolmark.server.log;

import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Logger;

/** How a line of the log is written. */
public enum LogFormat {
  /** As the configuration of java.util.logging has it. */
  TEXT,
  /** An object a line. */
  JSON;

  /** From now on, for everything that is logged in this process. */
  public void use() {
    if (this == JSON) {
      Formatter lines = new JsonLines();
      for (Handler handler : Logger.getLogger("").getHandlers()) {
        handler.setFormatter(lines);
      }
    }
  }
}
