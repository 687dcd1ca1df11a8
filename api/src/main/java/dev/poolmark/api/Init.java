package dev.poolmark.api;

/** The values of a weight before training; the host draws random ones from its seed. */
public sealed interface Init {

  /** These values, row-major. */
  record Values(float[] values) implements Init {
    public Values {
      values = values.clone();
      for (int i = 0; i < values.length; i++) {
        if (!Float.isFinite(values[i])) {
          throw new IllegalArgumentException(
              "initial value " + i + ": expected a finite number, found " + values[i]);
        }
      }
    }

    @Override
    public float[] values() {
      return values.clone();
    }
  }

  /** The same value everywhere. */
  record Constant(float value) implements Init {
    public Constant {
      if (!Float.isFinite(value)) {
        throw new IllegalArgumentException("expected a finite initial value, found " + value);
      }
    }
  }

  /** Independent normal values of mean 0. */
  record Normal(double std) implements Init {
    public Normal {
      if (!(std > 0 && std < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException("expected a standard deviation above 0, found " + std);
      }
    }
  }

  /**
   * For a matrix {@code (rows, columns)}, rows a multiple of the token width: orthonormal columns,
   * the principal axes of the training sentences' normalised sums of tokens (around the origin, as
   * cosine sees them), strongest first; random ones where there is no training data.
   */
  record PrincipalAxes() implements Init {}

  /**
   * For a vector {@code (dim)}: the mean of the training sentences' normalised sums of tokens;
   * zeros where there is no training data.
   */
  record Center() implements Init {}

  /**
   * For a vector {@code (dim)}: one over the standard deviation of each dimension of the training
   * sentences' normalised sums of tokens, zero where they don't vary; ones where there is no
   * training data.
   */
  record InverseDeviation() implements Init {}

  /**
   * For a matrix {@code (dim, columns)}: the principal axes of the training sentences' normalised
   * sums of tokens around their {@link Center}, strongest first, each divided by its variance to
   * the given power; random orthonormal columns where there is no training data.
   */
  record Whitening(double power) implements Init {
    public Whitening {
      if (!(power >= 0 && power <= 1)) {
        throw new IllegalArgumentException("expected a power from 0 to 1, found " + power);
      }
    }
  }

  static Init values(float... values) {
    return new Values(values);
  }

  static Init zeros() {
    return new Constant(0);
  }

  static Init ones() {
    return new Constant(1);
  }

  static Init normal(double std) {
    return new Normal(std);
  }

  static Init principalAxes() {
    return new PrincipalAxes();
  }

  static Init center() {
    return new Center();
  }

  static Init inverseDeviation() {
    return new InverseDeviation();
  }

  static Init whitening(double power) {
    return new Whitening(power);
  }
}
