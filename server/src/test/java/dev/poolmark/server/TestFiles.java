package dev.poolmark.server;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poolmark.api.PoolerProvider;
import dev.poolmark.evaluator.plugin.TrainedModel;
import dev.poolmark.evaluator.safetensors.SafetensorsWriter;
import dev.poolmark.evaluator.safetensors.TensorData;
import dev.poolmark.evaluator.torch.Tensor;
import dev.poolmark.server.rogue.DeadlyPooler;
import dev.poolmark.server.rogue.HangingPooler;
import dev.poolmark.server.rogue.RoguePoolers;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Data sets and plugin jars that the tests make for themselves. */
final class TestFiles {

  static final int DIM = 768;
  static final int PAIRS = 200;

  private TestFiles() {}

  static Path distribution() {
    return Path.of(System.getProperty("poolmark.home"));
  }

  /** A folder for what a test leaves behind, under the build's own. */
  static Path folder(String name) throws IOException {
    Path all = Files.createDirectories(Path.of(System.getProperty("poolmark.it")));
    return Files.createTempDirectory(all, name + "-");
  }

  /** What {@code POST /pool} takes: tokens one after the other, in sentences of these lengths. */
  static Path safetensors(float[] tokens, long... lengths) throws IOException {
    Map<String, TensorData> tensors = new LinkedHashMap<>();
    tensors.put("tokens", TensorData.of(tokens, tokens.length / DIM, DIM));
    tensors.put("lengths", TensorData.of(lengths, lengths.length));
    Path file = folder("body").resolve("body.safetensors");
    SafetensorsWriter.write(file, tensors, Map.of());
    return file;
  }

  /** A data root with the set "toy": the closer two sentences' topics, the higher the label. */
  static Path dataRoot() throws IOException {
    Path all = Path.of(System.getProperty("poolmark.it"));
    Path root = all.resolve("data");
    if (!Files.exists(root)) {
      Path making = folder("making");
      Files.setPosixFilePermissions( // temporary folders are their owner's alone
          making, PosixFilePermissions.fromString("rwxr-xr-x"));
      writeToy(Files.createDirectory(making.resolve("toy")));
      try {
        Files.move(making, root, StandardCopyOption.ATOMIC_MOVE);
      } catch (FileSystemException e) {
        if (!Files.exists(root)) {
          throw e;
        } // else the tests of the other process were first
      }
    }
    return root;
  }

  private static void writeToy(Path toy) throws IOException {
    Random random = new Random(1);
    double[][] topics = new double[8][DIM];
    for (double[] topic : topics) {
      fill(topic, random);
    }
    StringBuilder labels = new StringBuilder();
    try (BufferedWriter first = Files.newBufferedWriter(toy.resolve("first.txt"));
        BufferedWriter second = Files.newBufferedWriter(toy.resolve("second.txt"))) {
      for (int pair = 0; pair < PAIRS; pair++) {
        double weight = random.nextDouble();
        double[] a = topics[random.nextInt(topics.length)];
        double[] b = topics[random.nextInt(topics.length)];
        double[] mixed = new double[DIM];
        for (int i = 0; i < DIM; i++) {
          mixed[i] = weight * a[i] + (1 - weight) * b[i];
        }
        writeSentence(first, a, random);
        writeSentence(second, mixed, random);
        labels.append("%.2f\n".formatted(5 * weight));
      }
    }
    Files.writeString(toy.resolve("labels.txt"), labels);
  }

  /** The set "tiny", which takes next to no time. */
  static String tiny() throws IOException {
    Path folder = Files.createDirectories(dataRoot().resolve("tiny"));
    Random random = new Random(2);
    StringBuilder labels = new StringBuilder();
    try (BufferedWriter first = Files.newBufferedWriter(folder.resolve("first.txt"));
        BufferedWriter second = Files.newBufferedWriter(folder.resolve("second.txt"))) {
      for (int pair = 0; pair < 16; pair++) {
        for (BufferedWriter out : List.of(first, second)) {
          out.write("2 " + DIM);
          for (int i = 0; i < 2 * DIM; i++) {
            out.write(" " + (float) random.nextGaussian());
          }
          out.write("\n");
        }
        labels.append(5 * random.nextDouble()).append('\n');
      }
    }
    Files.writeString(folder.resolve("labels.txt"), labels);
    return "tiny";
  }

  private static void fill(double[] values, Random random) {
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian();
    }
  }

  private static void writeSentence(BufferedWriter out, double[] topic, Random random)
      throws IOException {
    int tokens = 3 + random.nextInt(8);
    out.write(tokens + " " + DIM);
    for (int token = 0; token < tokens; token++) {
      for (double value : topic) {
        out.write(" " + (float) (value + random.nextGaussian()));
      }
    }
    out.write("\n");
  }

  /** Packs all the rogue poolers into one jar. */
  static void writeRogueJar(Path jar) throws IOException {
    writeJar(jar, List.of(RoguePoolers.class.getDeclaredClasses()));
  }

  /** A jar that ends the process of whoever looks into it. */
  static void writeDeadlyJar(Path jar) throws IOException {
    writeJar(jar, List.of(DeadlyPooler.class));
  }

  /** A jar that holds up whoever looks into it. */
  static void writeHangingJar(Path jar) throws IOException {
    writeJar(jar, List.of(HangingPooler.class));
  }

  private static void writeJar(Path jar, List<Class<?>> classes) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Poolmark-Api", "1");
    StringBuilder services = new StringBuilder();
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
      for (Class<?> type : classes) {
        writeClass(out, type);
        if (!java.lang.reflect.Modifier.isAbstract(type.getModifiers())) {
          services.append(type.getName()).append('\n');
        }
      }
      out.putNextEntry(new JarEntry("META-INF/services/" + PoolerProvider.class.getName()));
      out.write(services.toString().getBytes());
    }
  }

  private static void writeClass(JarOutputStream out, Class<?> type) throws IOException {
    String name = type.getName().replace('.', '/') + ".class";
    out.putNextEntry(new JarEntry(name));
    try (InputStream in = type.getClassLoader().getResourceAsStream(name)) {
      in.transferTo(out);
    }
  }

  /** A trained model: twice the sum of the tokens, with the account of a training. */
  static void writeDoublingModel(Path folder, int dim) throws IOException {
    new TrainedModel(
            "double",
            "double",
            "a test",
            "1",
            dim,
            dim,
            new TrainedModel.Lines(List.of("return torch.mul(torch.sum(x, [1]), self.factor)")),
            List.of(new Tensor("factor", List.of(1), new float[] {2})),
            new ObjectMapper()
                .readTree(
                    """
                    {"epochs": 3, "best_epoch": 2,
                     "train": {"name": "toy", "pairs": 200}, "dev": {"name": "toy", "pairs": 200},
                     "settings": {"loss": "spearman", "learning_rate": 0.001}, "seed": 1,
                     "dev_before": {"cosine_spearman": 0.5, "cosine_pearson": 0.4},
                     "dev_best": {"cosine_spearman": 0.8, "cosine_pearson": 0.75},
                     "dev_history": [{"cosine_spearman": 0.7, "cosine_pearson": 0.6},
                                     {"cosine_spearman": 0.8, "cosine_pearson": 0.75},
                                     {"cosine_spearman": 0.79, "cosine_pearson": 0.76}]}
                    """))
        .write(folder);
  }
}
