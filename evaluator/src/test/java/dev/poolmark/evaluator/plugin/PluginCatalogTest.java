package dev.poolmark.evaluator.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.api.TorchPooler;
import dev.poolmark.evaluator.torch.PoolerFault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginCatalogTest {

  @TempDir Path folder;

  public static final class Good extends TestPooler {
    public Good() {
      super("good", "return torch.sum(x, [1])");
    }
  }

  public static final class SameName extends TestPooler {
    public SameName() {
      super("good", "return torch.amax(x, [1])");
    }
  }

  /** Has a message that nobody can read. */
  static final class Unsayable extends RuntimeException {
    @Override
    public String getMessage() {
      throw new IllegalStateException("no message either");
    }

    @Override
    public String toString() {
      throw new IllegalStateException("no text either");
    }
  }

  public static final class Unspeakable extends TestPooler {
    public Unspeakable() {
      super("unspeakable", "");
      throw new Unsayable();
    }
  }

  public static final class Throwing extends TestPooler {
    public Throwing() {
      super("throwing", "");
      throw new IllegalStateException("no licence");
    }
  }

  public static final class BadName extends TestPooler {
    public BadName() {
      super("Bad Name", "");
    }
  }

  /** Tells what its class loader shows it of the host. */
  public static final class Curious extends TestPooler {
    public Curious() {
      super("curious", "return x");
    }

    @Override
    public String summary() {
      return sees("dev.poolmark.evaluator.evaluation.Evaluation")
          + " "
          + sees("io.vertx.core.Vertx")
          + " "
          + sees("ai.djl.nn.Block");
    }

    private static boolean sees(String className) {
      try {
        Class.forName(className);
        return true;
      } catch (ClassNotFoundException e) {
        return false;
      }
    }
  }

  @Test
  void aJarInTheFolderIsAPlugin() throws IOException {
    good().writeTo(folder.resolve("a.jar"));
    InstalledPooler pooler = catalog().poolers().get(0);
    assertEquals("good", pooler.name());
    assertEquals("a.jar", pooler.pluginName());
    assertEquals("7.7", pooler.version());
  }

  @Test
  void aFolderOfJarsIsOnePlugin() throws IOException {
    PluginJar.of().withApi(null).withClasses(TestPooler.class).writeTo(folder.resolve("p/lib.jar"));
    PluginJar.of(Good.class).writeTo(folder.resolve("p/main.jar"));
    InstalledPooler pooler = catalog().poolers().get(0);
    assertEquals("good", pooler.name());
    assertEquals("p", pooler.pluginName());
  }

  @Test
  void aPluginSeesTheContractAndNothingElseOfTheHost() throws IOException {
    PluginJar.of(Curious.class).withClasses(TestPooler.class).writeTo(folder.resolve("a.jar"));
    assertEquals("false false true", catalog().poolers().get(0).summary());
  }

  @Test
  void aJarWithoutTheManifestLineIsReportedAndTheOthersLoad() throws IOException {
    good().withApi(null).writeTo(folder.resolve("a.jar"));
    assertBroken("a.jar: expected 'Poolmark-Api: 1' in META-INF/MANIFEST.MF, found no such line");
  }

  @Test
  void aJarForAnotherApiIsReportedAndTheOthersLoad() throws IOException {
    good().withApi("2").writeTo(folder.resolve("a.jar"));
    assertBroken(
        "a.jar: expected 'Poolmark-Api: 1' in META-INF/MANIFEST.MF, found 'Poolmark-Api: 2'");
  }

  @Test
  void aJarWithoutAServiceFileIsReportedAndTheOthersLoad() throws IOException {
    PluginJar.of().withClasses(Good.class).writeTo(folder.resolve("a.jar"));
    assertBroken(
        "a.jar: expected a service file META-INF/services/dev.poolmark.api.PoolerProvider,"
            + " found none");
  }

  @Test
  void aJarWithAnEmptyServiceFileIsReportedAndTheOthersLoad() throws IOException {
    PluginJar.of().withService("# nobody").writeTo(folder.resolve("a.jar"));
    assertBroken(
        "a.jar: expected a provider's name in"
            + " META-INF/services/dev.poolmark.api.PoolerProvider, found none");
  }

  @Test
  void aMissingClassIsReportedAndTheOthersLoad() throws IOException {
    PluginJar.of().withService("org.example.Missing").writeTo(folder.resolve("a.jar"));
    assertBroken(
        "a.jar: expected poolers that can be made, found dev.poolmark.api.PoolerProvider:"
            + " Provider org.example.Missing not found");
  }

  @Test
  void aMissingSuperClassIsReportedAndTheOthersLoad() throws IOException {
    PluginJar.of(SameName.class).writeTo(folder.resolve("a.jar"));
    assertBroken(
        "a.jar: expected poolers that can be made, found java.lang.NoClassDefFoundError:"
            + " dev/poolmark/evaluator/plugin/TestPooler");
  }

  @Test
  void aConstructorThatThrowsIsReportedAndTheOthersLoad() throws IOException {
    PluginJar.of(Throwing.class).withClasses(TestPooler.class).writeTo(folder.resolve("a.jar"));
    assertBroken(
        "a.jar: expected poolers that can be made, found java.lang.IllegalStateException:"
            + " no licence");
  }

  @Test
  void anExceptionThatThrowsWhenItIsAskedIsReportedByItsClass() throws IOException {
    PluginJar.of(Unspeakable.class)
        .withClasses(TestPooler.class, Unsayable.class)
        .writeTo(folder.resolve("a.jar"));
    assertBroken("a.jar: expected poolers that can be made, found " + Unsayable.class.getName());
    assertEquals(Unsayable.class.getName(), PoolerFault.reason(new Unsayable()));
  }

  @Test
  void aFileThatIsNoJarIsReportedAndTheOthersLoad() throws IOException {
    Files.writeString(folder.resolve("a.jar"), "not a zip");
    assertBroken("a.jar: expected a readable jar, found zip END header not found");
  }

  @Test
  void aBadNameIsReportedAndTheOthersLoad() throws IOException {
    PluginJar.of(BadName.class).withClasses(TestPooler.class).writeTo(folder.resolve("a.jar"));
    assertBroken(
        "a.jar: expected poolers that can be made, found java.lang.IllegalArgumentException: "
            + BadName.class.getName()
            + " names its pooler 'Bad Name', not in lower case letters, digits, _ and -");
  }

  @Test
  void theSecondOfTwoPoolersWithOneNameIsReported() throws IOException {
    PluginJar.of(SameName.class).withClasses(TestPooler.class).writeTo(folder.resolve("z.jar"));
    assertBroken(
        "z.jar: expected a name that no other pooler has, found 'good', which good.jar has");
  }

  @Test
  void anUnknownPoolerIsRefusedWithTheKnownOnes() throws IOException {
    good().writeTo(folder.resolve("a.jar"));
    assertRefused("mien", "pooler 'mien': expected one of good, found no pooler 'mien'");
  }

  @Test
  void anUnknownOptionIsRefusedByName() throws IOException {
    good().writeTo(folder.resolve("a.jar"));
    assertRefused(
        "good:heads=4",
        "pooler 'good:heads=4': unknown option 'heads', expected none: this pooler has no options");
  }

  @Test
  void theBuiltInPoolersAreLoadedFromTheirJars() {
    PluginCatalog builtIn =
        PluginCatalog.of(List.of(Path.of(System.getProperty("poolmark.plugins"))));
    assertEquals(List.of(), builtIn.broken());
    List<String> names = builtIn.poolers().stream().map(InstalledPooler::name).toList();
    assertTrue(
        names.containsAll(
            List.of(
                "abtt",
                "amax",
                "attention",
                "cls",
                "concat",
                "fast_mean",
                "lasttoken",
                "max",
                "mean",
                "mean_sqrt_len_tokens",
                "relu_max",
                "standardize",
                "sum",
                "weightedmean",
                "whitening")),
        names.toString());
    assertThrows(
        ClassNotFoundException.class, () -> Class.forName("dev.poolmark.poolers.modes.Mean"));
  }

  @Test
  void aBadOptionOfABuiltInIsRefusedByName() {
    PluginCatalog builtIn =
        PluginCatalog.of(List.of(Path.of(System.getProperty("poolmark.plugins"))));
    BadSpecException refused =
        assertThrows(
            BadSpecException.class,
            () -> builtIn.check(PoolerSpec.parse("concat:modes=mean+median"), 768));
    assertEquals(
        "pooler 'concat:modes=mean+median': option 'modes': expected some of cls, max, mean,"
            + " mean_sqrt_len_tokens, weightedmean, lasttoken, joined by +, found 'mean+median'",
        refused.getMessage());
  }

  @Test
  void concatIsAsWideAsItsModesTogether() {
    PluginCatalog builtIn =
        PluginCatalog.of(List.of(Path.of(System.getProperty("poolmark.plugins"))));
    SpecifiedPooler concat =
        builtIn.create(PoolerSpec.parse("concat:modes=mean+max+cls,normalize=true"), 8);
    assertEquals(24, ((TorchPooler) concat.pooler()).outputDim());
  }

  private static PluginJar good() {
    return PluginJar.of(Good.class).withClasses(TestPooler.class);
  }

  private PluginCatalog catalog() {
    return PluginCatalog.of(List.of(folder));
  }

  /** Adds a good plugin, and expects that it loads beside the broken one. */
  private void assertBroken(String message) throws IOException {
    good().writeTo(folder.resolve("good.jar"));
    PluginCatalog catalog = catalog();
    assertEquals(List.of("good"), catalog.poolers().stream().map(InstalledPooler::name).toList());
    assertEquals(List.of(message), catalog.broken().stream().map(BrokenPlugin::toString).toList());
  }

  private void assertRefused(String spec, String message) {
    PluginCatalog catalog = catalog();
    BadSpecException refused =
        assertThrows(BadSpecException.class, () -> catalog.check(PoolerSpec.parse(spec), 8));
    assertEquals(message, refused.getMessage());
  }
}
