package dev.poolmark.server.http.access;

import dev.poolmark.evaluator.files.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Logins that ended before their time, kept in a file until that time: a cookie that somebody has
 * copied opens nothing after its owner's logout, not even after a restart.
 */
final class Logouts {

  private final Path file;

  /** By the login, the second of the epoch until when its cookie would have counted. */
  private final Map<String, Long> ended = new ConcurrentHashMap<>();

  /**
   * @param file which need not be there
   */
  Logouts(Path file) throws IOException {
    this.file = file;
    try {
      for (String line : Files.readAllLines(file)) {
        String[] words = line.split(" ", 2);
        if (words.length == 2 && words[0].matches("[0-9]{1,12}")) {
          ended.put(words[1], Long.parseLong(words[0]));
        }
      }
    } catch (NoSuchFileException e) {
      // Nobody has logged out yet.
    }
  }

  boolean has(String login) {
    return ended.containsKey(login);
  }

  /** From now on; {@link #keep} writes it down. */
  void add(String login, long until) {
    ended.put(login, until);
  }

  /** Writes down what still matters. */
  synchronized void keep() throws IOException {
    long now = Instant.now().getEpochSecond();
    ended.values().removeIf(until -> until < now);
    AtomicFile.writeString(
        file,
        ended.entrySet().stream()
            .map(login -> String.format(Locale.ROOT, "%d %s%n", login.getValue(), login.getKey()))
            .collect(Collectors.joining()));
  }
}
