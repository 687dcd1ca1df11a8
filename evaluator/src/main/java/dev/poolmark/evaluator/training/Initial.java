package dev.poolmark.evaluator.training;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * What a projection starts as where its pooler asks for {@link
 * dev.poolmark.api.Init.PrincipalAxes}. All are of the same length, that of orthonormal columns.
 */
public enum Initial {
  /** The principal axes around the origin, as cosine sees the sentences. */
  AXES,
  /**
   * The principal axes around the centre, each over the fourth root of its variance: halfway to
   * whitening, which would make as much of the last axes as of the first.
   */
  WHITENED,
  /**
   * Each dimension over its standard deviation, then the principal axes of that around the centre.
   */
  STANDARDISED;

  /** The name on the command line and in files: {@code axes}. */
  @JsonValue
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
