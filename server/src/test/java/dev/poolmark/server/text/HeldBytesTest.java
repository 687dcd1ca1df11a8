package dev.poolmark.server.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class HeldBytesTest {

  private final HeldBytes held = new HeldBytes(100);

  @Test
  void whoeverWantsMoreThanThereIsGetsNoneAndTheOthersGoOn() {
    HeldBytes.Share first = held.share();
    HeldBytes.Share second = held.share();
    assertTrue(first.take(60));
    assertTrue(second.take(30));
    assertFalse(second.take(20));
    second.giveBack();
    second.giveBack();
    assertTrue(first.take(40));
    assertEquals(100, held.held());
    first.giveBack();
    assertEquals(0, held.held());
  }

  @Test
  void whoeverIsAloneGetsWhateverItWants() {
    HeldBytes.Share only = held.share();
    assertTrue(only.take(70));
    assertTrue(only.take(70));
    HeldBytes.Share other = held.share();
    assertFalse(other.take(1));
  }
}
