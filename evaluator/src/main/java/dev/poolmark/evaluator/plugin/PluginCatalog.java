package dev.poolmark.evaluator.plugin;

import dev.poolmark.api.Pooler;
import dev.poolmark.api.PoolerOptions;
import dev.poolmark.api.PoolerProvider;
import dev.poolmark.api.ScriptFilePooler;
import dev.poolmark.evaluator.torch.PoolerFault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * All poolers of the plugins in some folders, and what is wrong with the plugins that are broken.
 */
public final class PluginCatalog {

  private final Map<String, InstalledPooler> poolers = new TreeMap<>();
  private final List<BrokenPlugin> broken = new ArrayList<>();

  private PluginCatalog() {}

  /**
   * Loads each jar and each folder of jars in the folders, in their order and by name.
   *
   * @throws BadSpecException when one of them is not a folder
   */
  public static PluginCatalog of(List<Path> folders) {
    return of(folders, plugin -> Optional.empty());
  }

  /**
   * The same.
   *
   * @param known is asked of each plugin before any of its code runs; where it has a finding, the
   *     plugin is broken and none of it is loaded
   */
  public static PluginCatalog of(List<Path> folders, Function<Path, Optional<BrokenPlugin>> known) {
    PluginCatalog catalog = new PluginCatalog();
    for (Path folder : folders) {
      for (Path plugin : plugins(folder)) {
        known.apply(plugin).ifPresentOrElse(catalog.broken::add, () -> catalog.add(plugin));
      }
    }
    return catalog;
  }

  private static List<Path> plugins(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new BadSpecException(folder + ": expected a folder of plugins, found none");
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(entry -> entry.toString().endsWith(".jar") || Files.isDirectory(entry))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void add(Path plugin) {
    ClassLoader host = PoolerProvider.class.getClassLoader();
    for (InstalledPooler pooler : Plugin.load(plugin, host, broken::add)) {
      InstalledPooler first = poolers.putIfAbsent(pooler.name(), pooler);
      if (first != null) {
        String found =
            String.format(Locale.ROOT, "'%s', which %s has", pooler.name(), first.pluginName());
        broken.add(new BrokenPlugin(plugin, "a name that no other pooler has", found));
      }
    }
  }

  /**
   * The same catalogue with one more pooler, of the host's own making.
   *
   * @param origin where it comes from, for reports
   * @throws BadSpecException when a plugin has a pooler of that name
   */
  public PluginCatalog with(PoolerProvider provider, Path origin) {
    PluginCatalog catalog = new PluginCatalog();
    catalog.poolers.putAll(poolers);
    catalog.broken.addAll(broken);
    InstalledPooler added =
        new InstalledPooler(
            provider,
            provider.name(),
            provider.summary(),
            List.copyOf(provider.options()),
            origin,
            "unknown");
    InstalledPooler first = catalog.poolers.putIfAbsent(added.name(), added);
    if (first != null) {
      throw new BadSpecException(
          String.format(
              Locale.ROOT,
              "expected no plugin with a pooler '%s', found %s",
              added.name(),
              first.pluginName()));
    }
    return catalog;
  }

  /** By name. */
  public List<InstalledPooler> poolers() {
    return List.copyOf(poolers.values());
  }

  public List<BrokenPlugin> broken() {
    return List.copyOf(broken);
  }

  /**
   * Checks that a spec names a pooler, and gives it options that it has, without running its code.
   *
   * @param dim width of the token embeddings
   * @throws BadSpecException when it does not
   */
  public void check(PoolerSpec spec, int dim) {
    if (spec instanceof PoolerSpec.Named named) {
      options(named, installed(named), dim);
    } else if (spec instanceof PoolerSpec.ModelFolder folder) {
      TrainedModel model = read(folder, dim);
      if (model.architecture() instanceof TrainedModel.DjlBlock) {
        check(maker(folder, model), dim);
      }
    }
  }

  /** The jar or file that the pooler of a spec comes from; what is not installed is its own. */
  public String origin(PoolerSpec spec) {
    if (spec instanceof PoolerSpec.Named named && poolers.containsKey(named.name())) {
      return poolers.get(named.name()).pluginName();
    }
    return spec.text();
  }

  /**
   * Makes the pooler that a spec names.
   *
   * @param dim width of the token embeddings
   * @throws BadSpecException when there is no such pooler, or it has no such option or value
   * @throws PoolerFault when the pooler's own code fails
   */
  public SpecifiedPooler create(PoolerSpec spec, int dim) {
    if (spec instanceof PoolerSpec.ScriptFile script) {
      String file = script.file().getFileName().toString();
      String name = file.substring(0, file.length() - ".pt".length());
      Pooler pooler = new ScriptFilePooler(script.file());
      return new SpecifiedPooler(name, spec.text(), file, "unknown", pooler);
    }
    if (spec instanceof PoolerSpec.ModelFolder model) {
      return create(model, dim);
    }
    if (spec instanceof PoolerSpec.SubmissionFile zip) {
      throw new BadSpecException(
          String.format(
              Locale.ROOT,
              "pooler '%s': expected one that runs in Java, found a submission, which is only scored",
              zip.text()));
    }
    return create((PoolerSpec.Named) spec, dim);
  }

  private SpecifiedPooler create(PoolerSpec.ModelFolder spec, int dim) {
    TrainedModel model = read(spec, dim);
    Pooler pooler = model.pooler(() -> create(maker(spec, model), dim).pooler());
    return new SpecifiedPooler(model.name(), spec.text(), model.plugin(), model.version(), pooler);
  }

  private static TrainedModel read(PoolerSpec.ModelFolder spec, int dim) {
    try {
      TrainedModel model = TrainedModel.read(spec.folder());
      if (model.dim() != dim) {
        throw new BadSpecException(
            String.format(
                Locale.ROOT,
                "pooler '%s': expected token embeddings %d wide, as it was trained on, found %d",
                spec.text(),
                model.dim(),
                dim));
      }
      return model;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What makes the block that a model's weights are for. */
  private PoolerSpec.Named maker(PoolerSpec.ModelFolder folder, TrainedModel model) {
    PoolerSpec.Named maker = PoolerSpec.named(model.spec());
    if (!poolers.containsKey(maker.name())) {
      throw new BadSpecException(
          String.format(
              Locale.ROOT,
              "pooler '%s': expected the plugin that its block comes from, %s with '%s', found no pooler '%s'",
              folder.text(),
              model.plugin(),
              maker.name(),
              maker.name()));
    }
    return maker;
  }

  private SpecifiedPooler create(PoolerSpec.Named spec, int dim) {
    InstalledPooler installed = installed(spec);
    PoolerOptions options = options(spec, installed, dim);
    try {
      Pooler pooler = installed.provider().create(options);
      if (pooler == null) {
        throw new PoolerFault("expected a pooler from its provider, found null");
      }
      return new SpecifiedPooler(
          installed.name(), spec.text(), installed.pluginName(), installed.version(), pooler);
    } catch (PoolerFault e) {
      throw e;
    } catch (IllegalArgumentException e) { // values that don't fit together, see PoolerProvider
      throw new BadSpecException(
          String.format(Locale.ROOT, "pooler '%s': %s", spec.text(), PoolerFault.reason(e)));
    } catch (Throwable e) { // Kotlin and others throw checked exceptions from anywhere
      throw new PoolerFault("it can't be made: " + PoolerFault.reason(e), e);
    }
  }

  private InstalledPooler installed(PoolerSpec.Named spec) {
    InstalledPooler installed = poolers.get(spec.name());
    if (installed == null) {
      throw new BadSpecException(unknown(spec));
    }
    return installed;
  }

  private static PoolerOptions options(PoolerSpec.Named spec, InstalledPooler pooler, int dim) {
    try {
      return PoolerOptions.of(pooler.options(), spec.options(), dim);
    } catch (IllegalArgumentException e) {
      throw new BadSpecException(
          String.format(Locale.ROOT, "pooler '%s': %s", spec.text(), e.getMessage()));
    }
  }

  private String unknown(PoolerSpec.Named spec) {
    String known = poolers.isEmpty() ? "no pooler at all" : String.join(", ", poolers.keySet());
    String faults =
        broken.isEmpty()
            ? ""
            : String.format(Locale.ROOT, "; %d broken plugin(s), see 'poolers'", broken.size());
    return String.format(
        Locale.ROOT,
        "pooler '%s': expected one of %s%s, found no pooler '%s'",
        spec.text(),
        known,
        faults,
        spec.name());
  }
}
