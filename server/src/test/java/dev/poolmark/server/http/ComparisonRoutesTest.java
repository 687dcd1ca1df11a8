package dev.poolmark.server.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.poolmark.server.http.answer.ApiException;
import org.junit.jupiter.api.Test;

class ComparisonRoutesTest {

  @Test
  void runsAreComparedUpToHalfAMillionPairsInAll() {
    ComparisonRoutes.checkPairs(50 * 10_000, 50);
    ApiException refused =
        assertThrows(ApiException.class, () -> ComparisonRoutes.checkPairs(50 * 10_001, 50));
    assertEquals(422, refused.status());
    assertEquals(
        "runs: expected at most 500,000 pairs in all, found 500,050 in 50 runs",
        refused.getMessage());
  }
}
