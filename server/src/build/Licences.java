import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * Gathers the licences of what a distribution bundles: the texts inside each jar, and for a jar
 * without any the one that {@code licences.properties} names. A jar that has neither ends the build.
 */
final class Licences {

  /** Where projects put them, of the jar itself or of what is packed into it. */
  private static final Pattern TEXT =
      Pattern.compile("(?i)(.*/)?([^/]*[-._])?(licen[sc]es?|(third-?party-?)?notices?|copying)([-._][^/]*)?");

  private static final Pattern CODE = Pattern.compile("(?i).*[.](class|js|ts|java|json|map|css)");

  private final Path texts;
  private final Path to;
  private final TreeMap<String, String> named = new TreeMap<>();

  private Licences(Path texts, Path to) {
    this.texts = texts;
    this.to = to;
  }

  /**
   * @param args the folder with the texts and {@code licences.properties}; the distribution
   */
  public static void main(String[] args) throws IOException {
    Path home = Path.of(args[1]);
    Path to = Files.createDirectories(home.resolve("licences"));
    new Licences(Path.of(args[0]), to).gather(home.resolve("lib"));
  }

  private void gather(Path lib) throws IOException {
    Properties properties = new Properties();
    try (InputStream in = Files.newInputStream(texts.resolve("licences.properties"))) {
      properties.load(in);
    }
    properties.forEach((jar, text) -> named.put(jar.toString(), text.toString()));
    List<String> without = new ArrayList<>();
    try (Stream<Path> files = Files.walk(lib)) {
      for (Path jar : files.filter(file -> file.toString().endsWith(".jar")).sorted().toList()) {
        String name = jar.getFileName().toString();
        boolean own = name.startsWith("poolmark-"); // LICENSE of the distribution
        if (!own && !copyFrom(jar) & !copyNamed(name)) {
          without.add(name);
        }
      }
    }
    if (!without.isEmpty()) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s: expected in %s a licence for each of these, found none",
              without,
              texts.resolve("licences.properties")));
    }
  }

  private boolean copyFrom(Path jar) throws IOException {
    boolean any = false;
    try (ZipFile file = new ZipFile(jar.toFile())) {
      Enumeration<? extends ZipEntry> entries = file.entries();
      while (entries.hasMoreElements()) {
        ZipEntry entry = entries.nextElement();
        String name = entry.getName();
        if (!entry.isDirectory() && TEXT.matcher(name).matches() && !CODE.matcher(name).matches()) {
          Path copy = folder(jar.getFileName().toString()).resolve(name.replace('/', '_'));
          try (InputStream in = file.getInputStream(entry)) {
            Files.copy(in, copy, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
          }
          any = true;
        }
      }
    }
    return any;
  }

  /** By the longest beginning of the jar's name that is listed; several texts where it has several. */
  private boolean copyNamed(String jar) throws IOException {
    String best =
        named.keySet().stream()
            .filter(jar::startsWith)
            .max((one, other) -> one.length() - other.length())
            .orElse(null);
    if (best == null) {
      return false;
    }
    for (String text : named.get(best).split(",")) {
      Files.copy(
          texts.resolve(text.strip()),
          folder(jar).resolve(text.strip()),
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }
    return true;
  }

  private Path folder(String jar) throws IOException {
    return Files.createDirectories(to.resolve(jar.replaceFirst("[.]jar$", "")));
  }
}
