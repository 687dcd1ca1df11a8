package dev.poolmark.evaluator.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * How much memory this process and its children may take: the machine's, or less where a container
 * has a limit.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html">Control groups</a>
 */
public final class MachineMemory {

  private MachineMemory() {}

  /** What a child may take, so that its parent lives: three quarters of it, in bytes. */
  public static long ofAChild() {
    return bytes(Path.of("/")) / 4 * 3;
  }

  /**
   * Bytes; as good as no limit where the system doesn't tell.
   *
   * @param root where the system's files are
   */
  static long bytes(Path root) {
    long machine =
        lines(root.resolve("proc/meminfo"))
            .filter(line -> line.startsWith("MemTotal:"))
            .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
            .findFirst()
            .orElse(Long.MAX_VALUE);
    return limits(root).mapToLong(MachineMemory::limit).reduce(machine, Math::min);
  }

  /** Of the group that this process is in, and of those around it, in either version. */
  private static Stream<Path> limits(Path root) {
    Path groups = root.resolve("sys/fs/cgroup");
    List<Path> files = new ArrayList<>();
    lines(root.resolve("proc/self/cgroup"))
        .map(line -> line.split(":", 3))
        .filter(parts -> parts.length == 3)
        .forEach(
            parts -> {
              boolean first = !parts[1].isEmpty();
              if (first && !List.of(parts[1].split(",")).contains("memory")) {
                return;
              }
              Path top = first ? groups.resolve("memory") : groups;
              Path group = top.resolve(parts[2].replaceFirst("^/+", "")).normalize();
              for (Path at = group; at != null && at.startsWith(top); at = at.getParent()) {
                files.add(at.resolve(first ? "memory.limit_in_bytes" : "memory.max"));
              }
            });
    return files.stream();
  }

  private static long limit(Path file) {
    return lines(file)
        .filter(line -> line.matches("\\d{1,18}"))
        .mapToLong(Long::parseLong)
        .findFirst()
        .orElse(Long.MAX_VALUE); // "max", or not there
  }

  private static Stream<String> lines(Path file) {
    try {
      return Files.readAllLines(file).stream();
    } catch (IOException e) {
      return Stream.of();
    }
  }
}
