package dev.poolmark.evaluator.torch;

import dev.poolmark.evaluator.files.Printable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A pooler's own fault; the message is the finding, one line. It ends that pooler's run only. */
public final class PoolerFault extends RuntimeException {

  private static final int LONGEST = 300;

  private final boolean ofItsCode;

  public PoolerFault(String finding) {
    this(finding, null, true);
  }

  public PoolerFault(String finding, Throwable cause) {
    this(finding, cause, true);
  }

  private PoolerFault(String finding, @Nullable Throwable cause, boolean ofItsCode) {
    super(oneLine(finding), cause);
    this.ofItsCode = ofItsCode;
  }

  /** A fault that was found before any code of the pooler ran, or by looking at its size. */
  public static PoolerFault ofItsFile(String finding, @Nullable Throwable cause) {
    return new PoolerFault(finding, cause, false);
  }

  /** Whether its code failed, and may have done harm to the process. */
  public boolean ofItsCode() {
    return ofItsCode;
  }

  /** What a throwable of the pooler says, without libtorch's stack of C++ and script frames. */
  public static String reason(Throwable thrown) {
    String message = said(thrown::getMessage);
    if (message == null) {
      return thrown.getClass().getName();
    }
    int script = message.indexOf("RuntimeError: ");
    if (script >= 0) {
      return message.substring(script + "RuntimeError: ".length());
    }
    int frames = message.indexOf("Exception raised from");
    return frames > 0 ? message.substring(0, frames) : message;
  }

  /** A throwable of the pooler, with its class; in one line. */
  public static String described(Throwable thrown) {
    String text = said(thrown::toString);
    return oneLine(text == null ? thrown.getClass().getName() : text);
  }

  /** What a throwable says is code of the pooler, too. */
  private static @Nullable String said(Supplier<@Nullable String> saying) {
    try {
      return saying.get();
    } catch (Throwable e) {
      return null;
    }
  }

  private static String oneLine(String text) {
    String line = text.strip().replaceAll("\\s*\\R\\s*", " ");
    return Printable.of(line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…");
  }
}
