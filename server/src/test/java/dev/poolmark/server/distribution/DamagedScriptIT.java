package dev.poolmark.server.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.poolmark.evaluator.torch.TorchArchive;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * TorchScript files that are damaged: libtorch compares no checksums, and its native code may end
 * the process. Each is scored as it was, or is a finding of its own row. {@code mvn -P fuzz verify}
 * takes many more.
 */
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class DamagedScriptIT {

  private static final long SEED = Long.getLong("poolmark.fuzz.seed", 20_240_601);
  private static final int SCRIPTS = Integer.getInteger("poolmark.fuzz.scripts", 10);
  private static final int AT_ONCE = 50;

  @TempDir Path folder;

  @Test
  void eachIsScoredAsItWasOrIsAFinding() throws Exception {
    Path data = Data.random(folder.resolve("data"), 30, 8, 1);
    Path sound = folder.resolve("sound.pt");
    TorchArchive.writeScript(sound, List.of("return torch.sum(x, [1])"), List.of());
    byte[] whole = Files.readAllBytes(sound);
    int refused = 0;
    long start = System.nanoTime();
    long seed = SEED == 0 ? System.nanoTime() >>> 1 : SEED;
    for (int from = 0; from < SCRIPTS; from += AT_ONCE) {
      List<String> line = new ArrayList<>(List.of("score", "--data=" + data, "--dim=8"));
      line.addAll(List.of("--cache=none", "--passes=1", "--format=json", "--pooler=" + sound));
      int count = Math.min(AT_ONCE, SCRIPTS - from);
      for (int i = 0; i < count; i++) {
        Path script = folder.resolve(i + ".pt");
        SplittableRandom random = new SplittableRandom(seed + 0x9E3779B97F4A7C15L * (from + i));
        Files.write(script, damaged(whole, random));
        line.add("--pooler=" + script);
      }
      Outcome outcome = Poolmark.built().run(line.toArray(String[]::new));
      String reproduce = "seed " + seed + ", from " + from + ": " + outcome;
      assertEquals(0, outcome.exitCode(), reproduce);
      JsonNode reports = outcome.json();
      assertEquals(count + 1, reports.size(), reproduce);
      for (JsonNode report : reports) {
        if (report.get("eligible").asBoolean()) {
          assertEquals(reports.get(0).get("quality"), report.get("quality"), reproduce);
        } else {
          refused++;
          assertEquals(1, report.get("findings").size(), reproduce);
          String finding = report.get("findings").get(0).asText();
          assertTrue(finding.length() < 2000, reproduce);
          assertFalse(finding.codePoints().anyMatch(Character::isISOControl), reproduce);
        }
      }
    }
    System.out.printf(
        Locale.ROOT,
        "%d scripts from seed %d, %d refused, %.1f s%n",
        SCRIPTS,
        seed,
        refused,
        (System.nanoTime() - start) / 1e9);
  }

  private static byte[] damaged(byte[] whole, SplittableRandom random) {
    byte[] copy = whole.clone();
    int at = random.nextInt(copy.length);
    switch (random.nextInt(4)) {
      case 0 -> copy[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> Arrays.fill(copy, at, Math.min(copy.length, at + 40), (byte) random.nextInt(256));
      case 2 -> copy = Arrays.copyOf(copy, at);
      default -> copy = Arrays.copyOf(copy, copy.length + 1 + random.nextInt(100));
    }
    return copy;
  }
}
