package dev.poolmark.evaluator.torch;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.training.ParameterStore;
import dev.poolmark.api.BlockPooler;
import dev.poolmark.api.Pooler;
import dev.poolmark.api.ScriptFilePooler;
import dev.poolmark.api.TorchPooler;
import dev.poolmark.evaluator.files.ZipChecks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.zip.ZipException;
import org.jspecify.annotations.Nullable;

/** A pooler that libtorch has compiled, ready for forward passes on one thread. */
public final class CompiledPooler implements AutoCloseable {

  private final Block block;
  private final OptionalInt outputDim;
  private final AutoCloseable owner;
  private final long fileBytes;
  private final ParameterStore parameters;
  private final Optional<ScriptModule> script;

  private CompiledPooler(
      Block block, OptionalInt outputDim, AutoCloseable owner, long fileBytes, NDManager manager) {
    this.block = block;
    this.outputDim = outputDim;
    this.owner = owner;
    this.fileBytes = fileBytes;
    this.parameters = new ParameterStore(manager, false);
    this.script =
        block instanceof PtSymbolBlock module
            ? Optional.of(new ScriptModule(module))
            : Optional.empty();
  }

  /**
   * Compiles a pooler with its initial weights.
   *
   * @param dim width of the token embeddings
   * @param seed for initial weights that are random
   * @throws PoolerFault when libtorch can't compile it; the finding names the line
   */
  public static CompiledPooler of(Pooler pooler, int dim, long seed) {
    if (pooler instanceof TorchPooler lines) {
      return of(lines.forward(), InitialWeights.of(lines, seed), lines.outputDim());
    } else if (pooler instanceof ScriptFilePooler script) {
      return ofScript(script.file());
    } else {
      return ofBlock((BlockPooler) pooler, dim, seed);
    }
  }

  /** Compiles forward lines with the weights given. */
  public static CompiledPooler of(List<String> forward, List<Tensor> weights, int outputDim) {
    Path archive = null;
    try {
      archive = Files.createTempFile("poolmark-", ".pt");
      TorchArchive.writeScript(archive, forward, weights);
      return load(archive, OptionalInt.of(outputDim), 0);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (PoolerFault e) {
      throw new PoolerFault(compileFinding(e, forward, weights), e);
    } finally {
      deleteTemporary(archive);
    }
  }

  private static CompiledPooler ofScript(Path file) {
    try {
      ZipChecks.check(file);
      return load(file, OptionalInt.empty(), Files.size(file));
    } catch (ZipException e) {
      throw PoolerFault.ofItsFile(noScript(file, e), e);
    } catch (IOException e) {
      throw new PoolerFault(
          String.format(Locale.ROOT, "%s: can't be read: %s", file, e.getMessage()), e);
    } catch (PoolerFault e) {
      Throwable reason = e.getCause() == null ? e : e.getCause();
      throw new PoolerFault(noScript(file, reason), reason);
    }
  }

  private static String noScript(Path file, Throwable reason) {
    return String.format(
        Locale.ROOT,
        "%s: expected a TorchScript file (torch.jit.save), found: %s",
        file,
        PoolerFault.reason(reason));
  }

  private static CompiledPooler load(Path archive, OptionalInt outputDim, long fileBytes)
      throws IOException {
    Model model = Model.newInstance("pooler", "PyTorch");
    try {
      model.load(archive.toAbsolutePath().getParent(), archive.getFileName().toString());
    } catch (MalformedModelException | RuntimeException e) {
      model.close();
      throw new PoolerFault(PoolerFault.reason(e), e);
    }
    NDManager manager = model.getNDManager();
    return new CompiledPooler(model.getBlock(), outputDim, model, fileBytes, manager);
  }

  private static CompiledPooler ofBlock(BlockPooler pooler, int dim, long seed) {
    NDManager manager = initialise(pooler, dim, seed);
    OptionalInt outputDim = OptionalInt.of(pooler.outputDim());
    return new CompiledPooler(pooler.block(), outputDim, manager, 0, manager);
  }

  /**
   * Gives a block its parameters.
   *
   * @return what frees them
   */
  static NDManager initialise(BlockPooler pooler, int dim, long seed) {
    NDManager manager = NDManager.newBaseManager("PyTorch");
    try {
      manager.getEngine().setRandomSeed((int) seed);
      pooler.block().initialize(manager, DataType.FLOAT32, new Shape(1, 1, dim));
      return manager;
    } catch (Throwable e) {
      manager.close();
      throw new PoolerFault("its block can't be initialised: " + PoolerFault.reason(e), e);
    }
  }

  /** One forward pass. */
  public EmbeddingTensor forward(TokenTensor tokens) {
    try {
      NDList embeddings = block.forward(parameters, new NDList(tokens.array()), false);
      if (embeddings.size() != 1) {
        throw new PoolerFault("expected one tensor, found " + embeddings.size());
      }
      return new EmbeddingTensor(embeddings.get(0));
    } catch (PoolerFault e) {
      throw e;
    } catch (Throwable e) {
      throw new PoolerFault("its forward pass failed: " + PoolerFault.reason(e), e);
    }
  }

  /** One forward pass whose result is dropped at once: the caller times it. */
  public void pass(TokenTensor tokens) {
    try {
      if (script.isPresent()) {
        script.get().pass(tokens.inputs());
      } else {
        block.forward(parameters, new NDList(tokens.array()), false).close();
      }
    } catch (Throwable e) {
      throw new PoolerFault("its forward pass failed: " + PoolerFault.reason(e), e);
    }
  }

  /** The width it declares; a script file declares none. */
  public OptionalInt outputDim() {
    return outputDim;
  }

  /** How many numbers its parameters hold. */
  public long parameterCount() {
    return block.getParameters().values().stream()
        .mapToLong(parameter -> parameter.getArray().size())
        .sum();
  }

  /** What the size limit counts: the parameters as float32, or the whole of a script file. */
  public long parameterBytes() {
    return Math.max(fileBytes, parameterCount() * Float.BYTES);
  }

  @Override
  public void close() {
    close(owner);
  }

  static void close(AutoCloseable owner) {
    try {
      owner.close();
    } catch (Exception e) {
      throw new IllegalStateException("can't free a pooler", e);
    }
  }

  private static String compileFinding(
      PoolerFault fault, List<String> forward, List<Tensor> weights) {
    Throwable cause = fault.getCause();
    String torchSays = String.valueOf(cause == null ? fault.getMessage() : cause.getMessage());
    OptionalInt line = ScriptSource.forwardLine(torchSays, weights);
    String where =
        line.isPresent() && line.getAsInt() <= forward.size()
            ? String.format(
                Locale.ROOT,
                "forward line %d (%s)",
                line.getAsInt(),
                forward.get(line.getAsInt() - 1).strip())
            : "its forward lines";
    return where + ": " + torchSays.strip().split("\\R", 2)[0];
  }

  static void deleteTemporary(@Nullable Path archive) {
    if (archive == null) {
      return;
    }
    try {
      Files.deleteIfExists(archive);
    } catch (IOException e) {
      archive.toFile().deleteOnExit();
    }
  }
}
