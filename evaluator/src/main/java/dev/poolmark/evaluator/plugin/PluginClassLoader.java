package dev.poolmark.evaluator.plugin;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;

/**
 * Sees the JDK, the plugin's own jars, and of the host only the packages of the contract: a plugin
 * brings its own libraries, and never meets the host's.
 */
final class PluginClassLoader extends URLClassLoader {

  /** How the names of all of them begin. */
  static final String NAMES = "plugin ";

  private static final List<String> FROM_HOST =
      List.of("dev.poolmark.api.", "ai.djl.", "org.slf4j.");

  private final ClassLoader host;

  PluginClassLoader(String name, List<URL> jars, ClassLoader host) {
    super(NAMES + name, jars.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    this.host = host;
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    return FROM_HOST.stream().anyMatch(name::startsWith)
        ? host.loadClass(name)
        : super.loadClass(name, resolve);
  }

  @Override
  public URL getResource(String name) {
    return isFromHost(name) ? host.getResource(name) : super.getResource(name);
  }

  @Override
  public Enumeration<URL> getResources(String name) throws IOException {
    if (isFromHost(name)) {
      return host.getResources(name);
    }
    return name.startsWith("META-INF/services/")
        ? Collections.enumeration(Collections.list(findResources(name)))
        : super.getResources(name);
  }

  private static boolean isFromHost(String resource) {
    return FROM_HOST.stream().anyMatch(resource.replace('/', '.')::startsWith);
  }
}
