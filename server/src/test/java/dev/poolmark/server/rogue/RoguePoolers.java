package dev.poolmark.server.rogue;

import dev.poolmark.api.Pooler;
import dev.poolmark.api.PoolerOption;
import dev.poolmark.api.PoolerOptions;
import dev.poolmark.api.PoolerProvider;
import dev.poolmark.api.TorchPooler;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Poolers that do to their process what no pooler should; {@link Slow} merely takes its time. */
public final class RoguePoolers {

  private RoguePoolers() {}

  abstract static class Rogue implements PoolerProvider {
    private final String name;

    Rogue(String name) {
      this.name = name;
    }

    static Object unsafe(String method, List<Class<?>> types, Object... values) {
      try {
        Class<?> type = Class.forName("sun.misc.Unsafe");
        Field field = type.getDeclaredField("theUnsafe");
        field.setAccessible(true);
        return type.getMethod(method, types.toArray(new Class<?>[0]))
            .invoke(field.get(null), values);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public String summary() {
      return "for a test";
    }

    @Override
    public List<PoolerOption> options() {
      return List.of();
    }
  }

  public static final class Exits extends Rogue {
    public Exits() {
      super("exits");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      System.exit(7);
      return null;
    }
  }

  public static final class Halts extends Rogue {
    public Halts() {
      super("halts");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      Runtime.getRuntime().halt(8);
      return null;
    }
  }

  /** Never comes back from libtorch, where no Java can interrupt it. */
  public static final class HangsNatively extends Rogue {
    public HangsNatively() {
      super("hangs_natively");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      return TorchPooler.of(
          options.inputDim(),
          "w = torch.mul(torch.sum(x, [1]), 0.0)",
          "while bool(torch.ge(torch.sum(torch.mul(w, 0.0)), 0.0)):",
          "  w = torch.add(torch.mul(w, 0.5), 1.0)",
          "return w");
    }
  }

  /** Takes memory that no limit of the JVM counts, and keeps it. */
  public static final class Grows extends Rogue {
    public Grows() {
      super("grows");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      long bytes = 64L << 20;
      while (true) {
        long address = (long) unsafe("allocateMemory", List.of(long.class), bytes);
        unsafe("setMemory", List.of(long.class, long.class, byte.class), address, bytes, (byte) 1);
        LockSupport.parkNanos(50_000_000);
      }
    }
  }

  public static final class Hangs extends Rogue {
    public Hangs() {
      super("hangs");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      while (true) {
        Thread.onSpinWait();
      }
    }
  }

  /** Writes to where nothing is, as broken native code would. */
  public static final class Crashes extends Rogue {
    public Crashes() {
      super("crashes");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      unsafe("putAddress", List.of(long.class, long.class), 0L, 0L);
      return null;
    }
  }

  public static final class Throws extends Rogue {
    public Throws() {
      super("throws");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      return TorchPooler.of(options.inputDim(), "return torch.matmul(x, torch.sum(x, [7]))");
    }
  }

  /** Tells what is wrong, and ends. */
  public static final class Complains extends Rogue {
    public Complains() {
      super("complains");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      System.err.println("weights.bin: expected 12 rows\nfound 11");
      System.exit(3);
      return null;
    }
  }

  /** Prints to the very stream that events go over. */
  public static final class Prints extends Rogue {
    public Prints() {
      super("prints");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      System.out.print("{\"type\":\"done\"}\n{\"type\":");
      return TorchPooler.of(options.inputDim(), "print(\"{oops\")", "return torch.sum(x, [1])");
    }
  }

  /** Tells who it is, and what it could read of its server. */
  public static final class Spies extends Rogue {
    public Spies() {
      super("spies");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      long server = ProcessHandle.current().parent().orElseThrow().pid();
      List<String> read = new ArrayList<>();
      for (Path secret :
          List.of(Path.of("/proc", Long.toString(server), "environ"), Path.of("../runs.db"))) {
        try {
          read.add(secret.getFileName() + ": " + new String(Files.readAllBytes(secret)));
        } catch (IOException e) {
          read.add(secret.getFileName() + ": not read");
        }
      }
      throw new IllegalStateException(
          "as " + System.getProperty("user.name") + " " + read + " " + System.getenv());
    }
  }

  /** Takes three seconds and no processor. */
  public static final class Sleeps extends Rogue {
    public Sleeps() {
      super("sleeps");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      LockSupport.parkNanos(3_000_000_000L);
      return new TorchPooler(List.of("return torch.sum(x, [1])"), List.of(), options.inputDim());
    }
  }

  /** Takes a good many multiplications for a sum. */
  public static final class Slow extends Rogue {
    public Slow() {
      super("slow");
    }

    @Override
    public Pooler create(PoolerOptions options) {
      List<String> lines = new ArrayList<>();
      lines.add("w = torch.matmul(torch.transpose(x, 1, 2), x)");
      lines.add("w = torch.add(w, torch.matmul(torch.transpose(x, 1, 2), x))");
      lines.add("return torch.add(torch.sum(x, [1]), torch.mul(torch.sum(w, [1]), 0.0))");
      return new TorchPooler(lines, List.of(), options.inputDim());
    }
  }
}
