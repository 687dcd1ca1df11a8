package dev.poolmark.server;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;

/** Token embeddings through {@code /pool}, against pooling them in the lane that has them. */
final class PoolLoad {

  private static final int SENTENCES = 1400;
  private static final int TOKENS = 16;
  private static final int REPEATS = 15;
  private static final int UNCOUNTED = 5;

  private PoolLoad() {}

  static void run() throws IOException {
    float[] values = values();
    Path folder = TestFiles.folder("bench");
    try (ServerProcess server = ServerProcess.start(folder)) {
      for (String pooler : new String[] {"mean", "sum"}) {
        String path = "/pool?pooler=" + pooler;
        measure(server, "safetensors", path, pooler, safetensors(values, equalLengths()));
        measure(server, "mixed lengths", path, pooler, safetensors(values, mixedLengths()));
      }
      measure(server, "JSON", "/pool", "mean", json(values));
    }
  }

  private static void measure(
      ServerProcess server, String name, String path, String pooler, ByteBuffer body)
      throws IOException {
    String type = name.equals("JSON") ? "application/json" : "application/octet-stream";
    double[] whole = new double[REPEATS];
    double[] alone = new double[REPEATS];
    try (PlainHttp http = new PlainHttp(server.port())) {
      for (int i = -UNCOUNTED; i < REPEATS; i++) {
        long start = System.nanoTime();
        PlainHttp.Answer answer = http.post(path, type, body.duplicate());
        double seconds = (System.nanoTime() - start) / 1e9;
        if (answer.status() != 200) {
          throw new IllegalStateException(answer.head());
        }
        if (i >= 0) {
          whole[i] = seconds;
          alone[i] = Double.parseDouble(answer.header("X-Pooling-Seconds"));
        }
      }
    }
    double megabytes = SENTENCES * TOKENS * TestFiles.DIM * 4 / 1e6;
    System.out.printf(
        "/pool, %s, %s: %.1f MB of embeddings (body %.1f MB) in %.3f s: %.0f MB/s; pooling alone"
            + " %.3f s: %.1f times as long%n",
        name,
        pooler,
        megabytes,
        body.remaining() / 1e6,
        median(whole),
        megabytes / median(whole),
        median(alone),
        median(whole) / median(alone));
  }

  private static long[] equalLengths() {
    long[] lengths = new long[SENTENCES];
    Arrays.fill(lengths, TOKENS);
    return lengths;
  }

  /** From 4 to 28 tokens, and as many in all. */
  private static long[] mixedLengths() {
    return LongStream.range(0, SENTENCES)
        .map(i -> i % 2 == 0 ? TOKENS + i / 2 % 13 : TOKENS - i / 2 % 13)
        .toArray();
  }

  private static ByteBuffer safetensors(float[] values, long[] lengths) throws IOException {
    Path file = TestFiles.safetensors(values, lengths);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer body = ByteBuffer.allocateDirect((int) channel.size());
      while (body.hasRemaining()) {
        channel.read(body);
      }
      return body.flip();
    }
  }

  private static ByteBuffer json(float[] values) {
    StringBuilder json = new StringBuilder("{\"pooler\":\"mean\",\"inputs\":[");
    int at = 0;
    for (int sentence = 0; sentence < SENTENCES; sentence++) {
      json.append(sentence == 0 ? "[" : ",[");
      for (int token = 0; token < TOKENS; token++) {
        json.append(token == 0 ? "[" : ",[");
        for (int i = 0; i < TestFiles.DIM; i++) {
          json.append(i == 0 ? "" : ",").append(values[at++]);
        }
        json.append(']');
      }
      json.append(']');
    }
    byte[] text = json.append("]}").toString().getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocateDirect(text.length).put(text).flip();
  }

  private static float[] values() {
    Random random = new Random(1);
    float[] values = new float[SENTENCES * TOKENS * TestFiles.DIM];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
