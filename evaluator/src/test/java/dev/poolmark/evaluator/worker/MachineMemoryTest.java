package dev.poolmark.evaluator.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineMemoryTest {

  private static final long MACHINE = 16L << 30;

  @TempDir Path root;

  @BeforeEach
  void writeMachine() throws IOException {
    write("proc/meminfo", "MemTotal:       16777216 kB\nMemFree:        1 kB\n");
  }

  private void write(String file, String text) throws IOException {
    Files.createDirectories(root.resolve(file).getParent());
    Files.writeString(root.resolve(file), text);
  }

  @Test
  void withoutAGroupItIsTheMachines() {
    assertEquals(MACHINE, MachineMemory.bytes(root));
  }

  @Test
  void theLimitOfAContainerIsItsOwn() throws IOException {
    write("proc/self/cgroup", "0::/\n");
    write("sys/fs/cgroup/memory.max", "2147483648\n");
    assertEquals(2L << 30, MachineMemory.bytes(root));
  }

  @Test
  void theSmallestLimitOfAllGroupsAroundCounts() throws IOException {
    write("proc/self/cgroup", "0::/system.slice/poolmark.service\n");
    write("sys/fs/cgroup/system.slice/memory.max", "4294967296\n");
    write("sys/fs/cgroup/system.slice/poolmark.service/memory.max", "max\n");
    assertEquals(4L << 30, MachineMemory.bytes(root));
  }

  @Test
  void theFirstVersionOfGroupsIsRead() throws IOException {
    write("proc/self/cgroup", "5:cpu,cpuacct:/docker/a\n4:memory:/docker/a\n");
    write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    write("sys/fs/cgroup/memory/docker/a/memory.limit_in_bytes", "1073741824\n");
    assertEquals(1L << 30, MachineMemory.bytes(root));
  }

  @Test
  void thisMachineHasSome() {
    assertTrue(MachineMemory.ofAChild() > 0);
  }
}
