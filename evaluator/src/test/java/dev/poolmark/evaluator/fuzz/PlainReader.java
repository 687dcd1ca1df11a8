package dev.poolmark.evaluator.fuzz;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads a small data set by the letter of its description, with none of Poolmark's code: whole
 * files, regular expressions, the JDK's numbers, and gzip itself.
 */
final class PlainReader {

  private static final String NUMBER = "[-+]?(\\d+\\.?\\d*|\\.\\d+)([eE][-+]?\\d+)?";

  /** What a data set says. */
  record Data(List<float[]> first, List<float[]> second, List<Double> labels) {

    /** How close each pair is by the means of its tokens; NaN where floats may not tell. */
    List<Double> cosinesOfMeans(int dim) {
      List<Double> cosines = new ArrayList<>();
      for (int i = 0; i < first.size(); i++) {
        double[] a = sum(first.get(i), dim);
        double[] b = sum(second.get(i), dim);
        double dot = 0;
        double aa = 0;
        double bb = 0;
        for (int j = 0; j < dim; j++) {
          dot += a[j] * b[j];
          aa += a[j] * a[j];
          bb += b[j] * b[j];
        }
        boolean sane = Math.min(aa, bb) > 1e-6 && Math.max(aa, bb) < 1e30;
        cosines.add(sane ? dot / Math.sqrt(aa * bb) : Double.NaN);
      }
      return cosines;
    }

    /** As near as the mean, and as a float's sum is not: nothing is lost between large numbers. */
    private static double[] sum(float[] values, int dim) {
      double[] sum = new double[dim];
      for (int i = 0; i < values.length; i++) {
        sum[i % dim] += values[i];
      }
      return sum;
    }
  }

  private static final class Refused extends Exception {}

  private final Path folder;
  private final int dim;

  private PlainReader(Path folder, int dim) {
    this.folder = folder;
    this.dim = dim;
  }

  /** Empty where the data must be refused. */
  static Optional<Data> read(Path folder, int dim) throws IOException, InterruptedException {
    try {
      return Optional.of(new PlainReader(folder, dim).data());
    } catch (Refused e) {
      return Optional.empty();
    }
  }

  private Data data() throws IOException, InterruptedException, Refused {
    Data data = new Data(tokens("first.txt"), tokens("second.txt"), labels());
    require(!data.first.isEmpty());
    require(data.first.size() == data.second.size() && data.first.size() == data.labels.size());
    checkPairs(data.labels);
    return data;
  }

  private List<float[]> tokens(String name) throws IOException, InterruptedException, Refused {
    String text = new String(bytes(name).orElseThrow(), StandardCharsets.ISO_8859_1);
    if (text.startsWith("\u00EF\u00BB\u00BF")) {
      text = text.substring(3);
    }
    List<float[]> sentences = new ArrayList<>();
    boolean ended = false;
    for (String row : text.split("\n", -1)) {
      if (row.matches("[ \t\r]*")) {
        ended = true;
        continue;
      }
      require(!ended);
      String[] words = row.replaceAll("^[ \t\r]+|[ \t\r]+$", "").split("[ \t\r]+");
      require(words.length >= 2);
      int count = whole(words[0]);
      require(count >= 1 && count <= 65_536);
      require(whole(words[1]) == dim);
      require(words.length == 2 + count * dim);
      float[] values = new float[count * dim];
      for (int i = 0; i < values.length; i++) {
        require(words[i + 2].matches(NUMBER));
        values[i] = Float.parseFloat(words[i + 2]);
        require(Float.isFinite(values[i]));
      }
      sentences.add(values);
    }
    return sentences;
  }

  /** A whole number, however it is spelled in up to 40 characters; 0 where it is none. */
  private static int whole(String word) {
    boolean plain = word.matches("\\d+");
    if (!word.matches(NUMBER) || !plain && word.length() > 40) {
      return 0;
    }
    BigDecimal number = new BigDecimal(word);
    return number.abs().compareTo(BigDecimal.valueOf(1_000_000)) < 0
            && number.remainder(BigDecimal.ONE).signum() == 0
        ? number.intValue()
        : 0;
  }

  private List<Double> labels() throws IOException, InterruptedException, Refused {
    List<Double> labels = new ArrayList<>();
    for (String row : rows("labels.txt").orElseThrow()) {
      labels.add(label(row));
    }
    return labels;
  }

  private static double label(String text) throws Refused {
    require(text.strip().matches(NUMBER));
    double label = Double.parseDouble(text.strip());
    require(label >= 0 && label <= 5);
    return label;
  }

  private void checkPairs(List<Double> labels) throws IOException, InterruptedException, Refused {
    Optional<List<String>> rows = rows("pairs.tsv");
    if (rows.isPresent()) {
      require(rows.get().size() == labels.size());
      for (int i = 0; i < labels.size(); i++) {
        String[] columns = rows.get().get(i).split("\t", -1);
        require(columns.length == 3);
        double label = label(columns[2]);
        require(Math.abs(label - labels.get(i)) <= 1e-6 * Math.max(1, label));
      }
    }
  }

  private Optional<List<String>> rows(String name)
      throws IOException, InterruptedException, Refused {
    Optional<byte[]> bytes = bytes(name);
    if (bytes.isEmpty()) {
      return Optional.empty();
    }
    String text = utf8(bytes.get());
    if (text.startsWith("\uFEFF")) {
      text = text.substring(1);
    }
    List<String> rows = new ArrayList<>();
    boolean ended = false;
    for (String row : text.split("\n", -1)) {
      if (row.isBlank()) {
        ended = true;
      } else {
        require(!ended);
        rows.add(row.endsWith("\r") ? row.substring(0, row.length() - 1) : row);
      }
    }
    return Optional.of(rows);
  }

  private static String utf8(byte[] bytes) throws Refused {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new Refused();
    }
  }

  private Optional<byte[]> bytes(String name) throws IOException, InterruptedException, Refused {
    Path packed = folder.resolve(name + ".gz");
    if (!Files.exists(packed)) {
      Path plain = folder.resolve(name);
      return Files.exists(plain) ? Optional.of(Files.readAllBytes(plain)) : Optional.empty();
    }
    Process gzip =
        new ProcessBuilder("gzip", "-dc")
            .redirectInput(packed.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    byte[] bytes = gzip.getInputStream().readAllBytes();
    require(gzip.waitFor() == 0);
    return Optional.of(bytes);
  }

  private static void require(boolean condition) throws Refused {
    if (!condition) {
      throw new Refused();
    }
  }
}
