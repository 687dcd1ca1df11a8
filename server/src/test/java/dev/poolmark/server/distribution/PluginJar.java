package dev.poolmark.server.distribution;

import dev.poolmark.api.PoolerProvider;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Plugin jars, made of classes that the tests were compiled with. */
final class PluginJar {

  /** A jar with these providers, and their super-classes. */
  static Path write(Path jar, List<Class<? extends PoolerProvider>> providers) throws IOException {
    Manifest manifest = manifest();
    manifest.getMainAttributes().putValue("Poolmark-Api", "1");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
      Set<Class<?>> classes = new LinkedHashSet<>();
      for (Class<?> type : providers) {
        for (Class<?> each = type; each != Object.class; each = each.getSuperclass()) {
          classes.add(each);
        }
      }
      for (Class<?> each : classes) {
        addClass(each, out);
      }
      out.putNextEntry(new JarEntry("META-INF/services/" + PoolerProvider.class.getName()));
      for (Class<?> provider : providers) {
        out.write((provider.getName() + "\n").getBytes(StandardCharsets.UTF_8));
      }
    }
    return jar;
  }

  /** A jar without the manifest's line. */
  static Path writeWithoutApi(Path jar) throws IOException {
    new JarOutputStream(Files.newOutputStream(jar), manifest()).close();
    return jar;
  }

  private static Manifest manifest() {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    return manifest;
  }

  private static void addClass(Class<?> type, JarOutputStream out) throws IOException {
    String entry = type.getName().replace('.', '/') + ".class";
    out.putNextEntry(new JarEntry(entry));
    try (InputStream bytes = type.getClassLoader().getResourceAsStream(entry)) {
      bytes.transferTo(out);
    }
  }

  private PluginJar() {}
}
