package dev.poolmark.evaluator.dataset;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/** Small data sets in a folder, three numbers a token. */
public final class Texts {

  static final int DIM = 3;

  /** A data set of two pairs; a test spoils one file of it. */
  static Path valid(Path folder) throws IOException {
    Files.writeString(folder.resolve("first.txt"), "1 3 1 2 3\n2 3 1 2 3 4 5 6\n");
    Files.writeString(folder.resolve("second.txt"), "2 3 -1 0.5 1e-2 4 5 6\n1 3 7 8 9\n");
    Files.writeString(folder.resolve("labels.txt"), "0\n4.75\n");
    return folder;
  }

  /** A data set of random sentences of 1 to 12 tokens. */
  public static Path random(Path folder, int pairs, long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    StringBuilder labels = new StringBuilder();
    for (String name : List.of("first.txt", "second.txt")) {
      StringBuilder text = new StringBuilder();
      for (int i = 0; i < pairs; i++) {
        int count = random.nextInt(1, 13);
        text.append(count).append(' ').append(DIM);
        for (int j = 0; j < count * DIM; j++) {
          text.append(' ').append((float) random.nextDouble(-1, 1));
        }
        text.append('\n');
      }
      Files.writeString(folder.resolve(name), text);
    }
    for (int i = 0; i < pairs; i++) {
      labels.append(random.nextInt(0, 501) / 100.0).append('\n');
    }
    Files.writeString(folder.resolve("labels.txt"), labels);
    return folder;
  }

  static void gzip(Path file) throws IOException {
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(Path.of(file + ".gz")))) {
      Files.copy(file, out);
    }
    Files.delete(file);
  }

  public static TokenStore open(Path folder, Path cache) throws IOException {
    return TokenStores.open(PairFiles.in(folder), DIM, Optional.of(cache), "test");
  }

  static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private Texts() {}
}
