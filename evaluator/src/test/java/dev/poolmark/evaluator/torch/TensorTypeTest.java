package dev.poolmark.evaluator.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.poolmark.evaluator.safetensors.Half;
import org.junit.jupiter.api.Test;

class TensorTypeTest {

  @Test
  void everyHalfComesBackAsItself() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      boolean infinityOrNaN = (bits & 0x7C00) == 0x7C00;
      if (!infinityOrNaN) {
        assertEquals((short) bits, Half.of(Half.toFloat((short) bits)));
      }
    }
  }

  @Test
  void valuesBetweenGoToTheNearestTiesToTheEvenOne() {
    for (int bits = 0; bits < 0x7BFF; bits++) {
      float low = Half.toFloat((short) bits);
      float high = Half.toFloat((short) (bits + 1));
      float middle = (low + high) / 2;
      assertEquals(bits, Half.of(Math.nextDown(middle)));
      assertEquals(bits + 1, Half.of(Math.nextUp(middle)));
      assertEquals(bits + (bits & 1), Half.of(middle));
    }
  }

  @Test
  void knownHalves() {
    assertEquals(0x3C00, Half.of(1));
    assertEquals((short) 0xC000, Half.of(-2));
    assertEquals(0x3555, Half.of(1 / 3f));
    assertEquals(0x7BFF, Half.of(1e9f));
    assertEquals(0x0001, Half.of(6e-8f));
  }
}
