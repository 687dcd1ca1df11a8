package dev.poolmark.evaluator.worker;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Another user of the system, as whom children run: what this process may read and signal, poolers
 * then may not. Linux alone, and only root can do that.
 *
 * @param uid of the user, in digits
 * @param gid of the user's group, in digits
 */
public record WorkerUser(String name, String uid, String gid) {

  private static final String ROOT = "0";

  /**
   * The pipe of events is this process's; its child opens it by its name, as the other user. With
   * no new privileges, programs that run as root for whoever calls them don't.
   */
  private static final List<String> CHANGED =
      List.of("sh", "-c", "chown \"$0\" /dev/fd/3 && exec \"$@\"");

  /**
   * Looks a user up.
   *
   * @throws IOException where there is none, or this process can't change to it; one line
   */
  public static WorkerUser named(String name) throws IOException {
    if (!said("id", "-u").equals(Optional.of(ROOT))) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "--worker-user %s: expected to be root, who alone can run workers as another user,"
                  + " found '%s'",
              name,
              System.getProperty("user.name")));
    }
    String uid = said("id", "-u", "--", name).orElseThrow(() -> unknown(name));
    String gid = said("id", "-g", "--", name).orElseThrow(() -> unknown(name));
    if (uid.equals(ROOT)) {
      throw new IOException(
          String.format(
              Locale.ROOT, "--worker-user %s: expected a user who may less, found root", name));
    }
    WorkerUser user = new WorkerUser(name, uid, gid);
    if (said(user.words("true").toArray(String[]::new)).isEmpty()) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "--worker-user %s: expected setpriv of util-linux, which changes to a user, found"
                  + " none that does",
              name));
    }
    return user;
  }

  private static IOException unknown(String name) {
    return new IOException(
        String.format(
            Locale.ROOT, "--worker-user %s: expected a user of this system, found none", name));
  }

  /** A program's arguments as the user. */
  private List<String> words(String... program) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "setpriv", "--reuid", uid, "--regid", gid, "--clear-groups", "--inh-caps=-all"));
    words.add("--no-new-privs");
    words.addAll(List.of(program));
    return words;
  }

  /** The same of a child whose events go to descriptor 3. */
  List<String> child(List<String> program) {
    List<String> words = new ArrayList<>(CHANGED);
    words.add(uid);
    words.addAll(words(program.toArray(String[]::new)));
    return words;
  }

  /**
   * Checks that the user can read files and folders.
   *
   * @throws IOException naming the first that can't be read; one line
   */
  public void checkReads(List<Path> places) throws IOException {
    for (Path place : places) {
      if (said(words("test", "-r", place.toString()).toArray(String[]::new)).isEmpty()) {
        throw new IOException(
            String.format(
                Locale.ROOT,
                "--worker-user %s: expected that this user can read %s, found that it can't",
                name,
                place));
      }
    }
  }

  /** The one line that a program said; none where it failed or there is no such program. */
  private static Optional<String> said(String... words) throws IOException {
    Process process;
    try {
      process = new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    } catch (IOException e) {
      return Optional.empty();
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      return process.waitFor() == 0 ? Optional.of(said.strip()) : Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
