package dev.poolmark.server.distribution;

import dev.poolmark.server.Texts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/** Small data under the names that the manuals use. */
final class ManualData {

  private static final List<String> WHO =
      List.of("A man", "A woman", "The dog", "A child", "Somebody", "The old cook", "A bird");
  private static final List<String> DOES =
      List.of("plays", "eats", "watches", "carries", "draws", "sells");
  private static final List<String> WHAT =
      List.of("a guitar.", "an apple.", "the red ball.", "some bread.", "a picture of the sea.");

  private ManualData() {}

  /**
   * @param source whose examples for authors of plugins are found, too
   */
  static void write(Path folder, Path source) throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    writePairs(folder.resolve("sts-train.csv"), 60, random);
    writePairs(folder.resolve("sts-dev.csv"), 40, random);
    writePairs(folder.resolve("pairs.tsv"), 20, random);
    List<String> talks = new ArrayList<>();
    List<String> rows = new ArrayList<>();
    List<String> margins = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      String talk = sentence(random) + " Talk " + i + ".";
      talks.add(talk);
      rows.add(sentence(random) + " " + i + "\t" + talk + "\t" + sentence(random));
      margins.add(String.format(Locale.ROOT, "%.3f", random.nextDouble(.1, .9)));
    }
    Files.write(folder.resolve("talks.txt"), talks);
    Files.write(folder.resolve("rows.tsv"), rows);
    Files.write(folder.resolve("teacher.txt"), margins);
    Files.writeString(
        folder.resolve("grades.csv"), "pooler,quality,time\nsum,70.1,19.6\nmine.zip,71.2,18.9\n");
    Texts.writeMiniLm(folder.resolve("all-MiniLM-L6-v2"));
    Path plugins = Files.createDirectories(folder.resolve("plugins"));
    Files.copy(
        Path.of(
            System.getProperty(
                "poolmark.tiny.plugin",
                "target/it-projects/tiny-plugin/target/tiny-plugin-1.2.3.jar")),
        plugins.resolve("mine.jar"));
    Files.createSymbolicLink(
        Files.createDirectories(folder.resolve("api")).resolve("examples"),
        source.resolve("api/examples").toAbsolutePath());
  }

  private static void writePairs(Path file, int count, SplittableRandom random) throws IOException {
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String first = sentence(random);
      boolean same = random.nextInt(3) == 0;
      String second = same ? first.replace("A ", "One ") : sentence(random);
      rows.add(
          String.format(
              Locale.ROOT, "%s\t%s\t%.2f", first, second, random.nextDouble(2) + (same ? 3 : 0)));
    }
    Files.writeString(file, rows.stream().collect(Collectors.joining("\n", "", "\n")));
  }

  private static String sentence(SplittableRandom random) {
    return WHO.get(random.nextInt(WHO.size()))
        + " "
        + DOES.get(random.nextInt(DOES.size()))
        + " "
        + WHAT.get(random.nextInt(WHAT.size()));
  }
}
