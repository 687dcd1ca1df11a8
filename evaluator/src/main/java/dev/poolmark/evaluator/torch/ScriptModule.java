package dev.poolmark.evaluator.torch;

import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.JniUtils;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * The shortest way to a TorchScript module: a call of libtorch, and the result is freed at once, as
 * Python frees it. DJL's own way takes seven calls and as many objects a pass, and keeps results
 * until their manager closes, so that each comes to lie in other memory: at batch 1 more than a
 * cheap pooler's whole work. DJL offers no shorter one, so this takes the two native methods that
 * it keeps to itself.
 */
final class ScriptModule {

  private static final MethodHandle RUN;
  private static final MethodHandle DELETE;

  static {
    try {
      MethodHandles.Lookup jni =
          MethodHandles.privateLookupIn(JniUtils.class, MethodHandles.lookup());
      Class<?> library = jni.findClass("ai.djl.pytorch.jni.PyTorchLibrary");
      Object instance = jni.findStaticGetter(library, "LIB", library).invoke();
      MethodType run =
          MethodType.methodType(
              long.class, long.class, String.class, long[].class, boolean.class, boolean.class);
      RUN = jni.findVirtual(library, "moduleRunMethod", run).bindTo(instance);
      MethodType delete = MethodType.methodType(void.class, long.class);
      DELETE = jni.findVirtual(library, "torchDeleteIValue", delete).bindTo(instance);
    } catch (Throwable e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final long handle;

  ScriptModule(PtSymbolBlock block) {
    JniUtils.enableInferenceMode(block);
    handle = block.getHandle();
  }

  /** One forward pass; its result is gone. */
  void pass(long[] input) throws Throwable {
    long result = (long) RUN.invokeExact(handle, "forward", input, false, false);
    DELETE.invokeExact(result);
  }
}
