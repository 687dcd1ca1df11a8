package dev.poolmark.evaluator.plugin;

import java.util.stream.Stream;

/** Threads that plugins have started. */
public final class PluginThreads {

  private PluginThreads() {}

  /** Whether any thread is in the code of a plugin: what it does to the process, nobody knows. */
  public static boolean anyAtWork() {
    return Thread.getAllStackTraces().values().stream()
        .flatMap(Stream::of)
        .map(StackTraceElement::getClassLoaderName)
        .anyMatch(name -> name != null && name.startsWith(PluginClassLoader.NAMES));
  }
}
