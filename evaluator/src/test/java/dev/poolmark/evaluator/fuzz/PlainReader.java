package dev.poolmark.evaluator.fuzz;

import java.io.IOException;
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
  record Data(List<float[]> first, List<float[]> second, List<Double> labels) {}

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
      require(words.length >= 2 && words[0].matches("\\d+") && words[1].matches("\\d+"));
      require(new java.math.BigInteger(words[0]).bitLength() < 20);
      int count = Integer.parseInt(words[0].replaceFirst("^0+(?=.)", ""));
      require(count >= 1 && count <= 65_536);
      require(words[1].replaceFirst("^0+(?=.)", "").equals(Integer.toString(dim)));
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
