package dev.poolmark.evaluator.plugin;

import dev.poolmark.api.PoolerOption;
import dev.poolmark.api.PoolerProvider;
import dev.poolmark.evaluator.files.Printable;
import dev.poolmark.evaluator.files.ZipChecks;
import dev.poolmark.evaluator.torch.PoolerFault;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Properties;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.function.Consumer;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One jar or folder of jars, and the poolers it offers. */
final class Plugin {

  /** What Java throws around what a provider has thrown. */
  private static final Set<Class<?>> WRAPPERS =
      Set.of(ServiceConfigurationError.class, ExceptionInInitializerError.class);

  private static final String API_LINE = "Poolmark-Api";
  private static final String API_VERSION = apiVersion();
  private static final String SERVICE = "META-INF/services/" + PoolerProvider.class.getName();

  private final Path path;
  private final Consumer<BrokenPlugin> broken;

  private Plugin(Path path, Consumer<BrokenPlugin> broken) {
    this.path = path;
    this.broken = broken;
  }

  /** As the api itself says, which has it from the build. */
  private static String apiVersion() {
    Properties contract = new Properties();
    try (InputStream in = PoolerProvider.class.getResourceAsStream("contract.properties")) {
      contract.load(Objects.requireNonNull(in, "contract.properties"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return contract.getProperty("version");
  }

  /** The poolers of the plugin that can be loaded; what is wrong with it is told one by one. */
  static List<InstalledPooler> load(Path path, ClassLoader host, Consumer<BrokenPlugin> broken) {
    return new Plugin(path, broken).load(host);
  }

  private List<InstalledPooler> load(ClassLoader host) {
    try {
      List<Path> jars = jars();
      String version = checkedVersion(jars);
      if (version == null) {
        return List.of();
      }
      List<URL> urls = new ArrayList<>();
      for (Path jar : jars) {
        ZipChecks.check(jar);
        urls.add(url(jar));
      }
      // Stays open: a pooler may load further classes at any time.
      return poolers(new PluginClassLoader(path.getFileName().toString(), urls, host), version);
    } catch (IOException e) {
      fault("a readable jar", String.valueOf(e.getMessage()));
      return List.of();
    }
  }

  private List<Path> jars() throws IOException {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    try (Stream<Path> files = Files.list(path)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    }
  }

  /** The plugin's version when its manifest has the contract's line, or null: before any class. */
  private @Nullable String checkedVersion(List<Path> jars) throws IOException {
    for (Path jar : jars) {
      try (JarFile file = new JarFile(jar.toFile())) {
        Manifest manifest = file.getManifest();
        Attributes attributes = manifest == null ? new Attributes() : manifest.getMainAttributes();
        String api = attributes.getValue(API_LINE);
        if (api == null) {
          continue;
        }
        if (!api.strip().equals(API_VERSION)) {
          fault(manifestLine(), String.format(Locale.ROOT, "'%s: %s'", API_LINE, api));
          return null;
        }
        if (file.getEntry(SERVICE) == null) {
          fault("a service file " + SERVICE, "none");
          return null;
        }
        String version = attributes.getValue(Attributes.Name.IMPLEMENTATION_VERSION);
        return version == null ? "unknown" : version;
      }
    }
    fault(manifestLine(), "no such line");
    return null;
  }

  private static String manifestLine() {
    return String.format(Locale.ROOT, "'%s: %s' in META-INF/MANIFEST.MF", API_LINE, API_VERSION);
  }

  private static URL url(Path jar) {
    try {
      return jar.toUri().toURL();
    } catch (MalformedURLException e) {
      throw new IllegalStateException(jar + " has no URL", e);
    }
  }

  private List<InstalledPooler> poolers(PluginClassLoader loader, String version) {
    List<InstalledPooler> poolers = new ArrayList<>();
    Iterator<PoolerProvider> providers =
        ServiceLoader.load(PoolerProvider.class, loader).iterator();
    for (boolean none = true; ; none = false) {
      try {
        if (!providers.hasNext()) {
          if (none) {
            fault("a provider's name in " + SERVICE, "none");
          }
          return poolers;
        }
        poolers.add(installed(providers.next(), version));
      } catch (Throwable e) {
        fault("poolers that can be made", reason(e));
      }
    }
  }

  private InstalledPooler installed(PoolerProvider provider, String version) {
    String name = provider.name();
    if (name == null || !name.matches("[a-z][a-z0-9_-]*")) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s names its pooler '%s', not in lower case letters, digits, _ and -",
              provider.getClass().getName(),
              name));
    }
    List<PoolerOption> options = List.copyOf(provider.options());
    String summary = provider.summary();
    return new InstalledPooler(
        provider, name, summary == null ? "" : Printable.of(summary), options, path, version);
  }

  private void fault(String expected, String found) {
    broken.accept(new BrokenPlugin(path, expected, found));
  }

  private static String reason(Throwable thrown) {
    Throwable cause = thrown;
    while (WRAPPERS.contains(cause.getClass()) && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getClass() == ServiceConfigurationError.class
        ? PoolerFault.reason(cause)
        : PoolerFault.described(cause);
  }
}
