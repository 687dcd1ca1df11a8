package dev.poolmark.evaluator.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.poolmark.evaluator.metric.PairScores;
import dev.poolmark.evaluator.metric.Similarity;
import java.io.IOException;
import java.io.StringReader;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PairScoresCsvTest {

  @Test
  void whatWasWrittenIsReadToTheLastDigit() throws IOException {
    Random random = new Random(7);
    PairScores written = new PairScores();
    for (int pair = 0; pair < 2000; pair++) {
      written.add(
          5 * random.nextDouble(),
          random.nextGaussian(),
          1e9 * random.nextGaussian(),
          -random.nextDouble(),
          -1e-300 * random.nextDouble());
    }
    StringBuilder csv = new StringBuilder();
    try (PairScoresCsv out = new PairScoresCsv(csv)) {
      out.write("concat:modes=mean+max,\"odd\"", written);
    }
    PairScores read = PairScoresCsv.read(new StringReader(csv.toString()));
    assertEquals(2000, read.size());
    assertArrayEquals(written.labels(), read.labels());
    for (Similarity similarity : Similarity.values()) {
      assertArrayEquals(written.similarities(similarity), read.similarities(similarity));
    }
  }

  @Test
  void aCellThatIsNoNumberIsRefused() {
    String csv = PairScoresCsv.header() + "mean,1,2.5,0.1,0.2,many,-1\n";
    assertThrows(NumberFormatException.class, () -> PairScoresCsv.read(new StringReader(csv)));
  }
}
