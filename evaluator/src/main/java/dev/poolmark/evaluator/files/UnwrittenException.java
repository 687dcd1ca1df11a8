package dev.poolmark.evaluator.files;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Output that could not be written; the message names the file and says why. */
public final class UnwrittenException extends IOException {

  private UnwrittenException(String file, IOException cause) {
    super(file + ": " + reason(cause), cause);
  }

  /** The failure to write a file, which the system's own message may not name. */
  public static UnwrittenException of(Path file, IOException cause) {
    return of(file.toString(), cause);
  }

  /** The same of a stream. */
  public static UnwrittenException of(String stream, IOException cause) {
    return cause instanceof UnwrittenException told ? told : new UnwrittenException(stream, cause);
  }

  /** Why the system would not, in words. */
  public static String reason(IOException failure) {
    if (failure instanceof NoSuchFileException) {
      return "no such file or folder";
    } else if (failure instanceof AccessDeniedException) {
      return "access denied";
    } else if (failure instanceof FileAlreadyExistsException) {
      return "already exists";
    } else if (failure instanceof FileSystemException system) {
      return system.getReason() == null ? system.toString() : system.getReason();
    }
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }
}
