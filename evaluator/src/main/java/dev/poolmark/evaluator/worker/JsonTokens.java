package dev.poolmark.evaluator.worker;

import dev.poolmark.evaluator.batch.Tokens;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Sentences of tokens of numbers, read from JSON without a tree of it. */
final class JsonTokens implements Tokens {

  private float[] values = new float[1 << 16];
  private int size;
  private int dim;
  private int[] starts = new int[64];
  private int[] lengths = new int[64];
  private int count;

  private final String name;

  private JsonTokens(String name) {
    this.name = name;
  }

  /** Reads an object with a {@code pooler} and a list of sentences by each of the names. */
  static PoolingRequest read(Path path, String... names) throws IOException {
    try (JsonBytes json = JsonBytes.open(path)) {
      return read(json, List.of(names));
    } catch (BadTokensException e) {
      JsonBytes.check(path); // what is not JSON at all is told as that
      throw e;
    }
  }

  private static PoolingRequest read(JsonBytes json, List<String> names) throws IOException {
    String pooler = null;
    Map<String, Tokens> lists = new HashMap<>();
    expect('{', "an object", json, "the body");
    while (!json.skip('}')) {
      if (pooler != null || !lists.isEmpty()) {
        expect(',', "',' or '}'", json, "the body");
      }
      String name = string(json, "the body");
      expect(':', "':'", json, name);
      if (name.equals("pooler")) {
        pooler = string(json, name);
      } else if (names.contains(name)) {
        lists.put(name, sentences(json, name));
      } else {
        throw new BadTokensException(
            String.format(Locale.ROOT, "expected only 'pooler' and %s, found '%s'", names, name));
      }
    }
    if (!json.ended()) {
      throw new BadTokensException("expected the end, found " + json.found());
    }
    if (pooler == null || !lists.keySet().containsAll(names)) {
      throw new BadTokensException(String.format(Locale.ROOT, "expected 'pooler' and %s", names));
    }
    return new PoolingRequest(pooler, names.stream().map(lists::get).toList());
  }

  private static String string(JsonBytes json, String where) throws IOException {
    String found = json.found();
    String string = json.string();
    if (string == null) {
      throw new BadTokensException(
          String.format(Locale.ROOT, "%s: expected a string, found %s", where, found));
    }
    return string;
  }

  private static Tokens sentences(JsonBytes json, String name) throws IOException {
    JsonTokens tokens = new JsonTokens(name);
    expect('[', "an array", json, name);
    if (json.skip(']')) {
      throw new BadTokensException(name + ": expected at least one sentence, found none");
    }
    do {
      tokens.readSentence(json, name);
    } while (json.skip(','));
    expect(']', "',' or ']'", json, name);
    return tokens;
  }

  private void readSentence(JsonBytes json, String name) throws IOException {
    if (count == starts.length) {
      starts = Arrays.copyOf(starts, 2 * count);
      lengths = Arrays.copyOf(lengths, 2 * count);
    }
    starts[count] = size;
    expect('[', "an array", json, where(name));
    if (json.skip(']')) {
      throw new BadTokensException(where(name) + ": expected at least one token, found none");
    }
    do {
      readToken(json, name);
      lengths[count]++;
    } while (json.skip(','));
    expect(']', "',' or ']'", json, where(name));
    count++;
  }

  private void readToken(JsonBytes json, String name) throws IOException {
    if (!json.skip('[')) {
      expect('[', "an array", json, whereToken(name));
    }
    int start = size;
    if (!json.skip(']')) {
      do {
        size = json.usualNumbers(values, size);
        if (size == values.length) {
          values = Arrays.copyOf(values, json.estimate(size));
        }
        if (!json.number(values, size) || Float.isInfinite(values[size])) {
          throw notANumber(json, name);
        }
        size++;
      } while (json.skip(','));
      if (!json.skip(']')) {
        expect(']', "',' or ']'", json, whereToken(name));
      }
    }
    if (dim == 0) {
      dim = size - start;
    }
    if (size - start != dim || dim == 0) {
      throw new BadTokensException(
          String.format(
              Locale.ROOT,
              "%s: expected %s numbers, found %d",
              whereToken(name),
              dim == 0 ? "some" : "as many as before, " + dim + ",",
              size - start));
    }
  }

  private BadTokensException notANumber(JsonBytes json, String name) throws IOException {
    return new BadTokensException(
        Float.isInfinite(values[size])
            ? whereToken(name) + ": expected numbers that fit into a float, found a larger one"
            : String.format(
                Locale.ROOT, "%s: expected a number, found %s", whereToken(name), json.found()));
  }

  private String where(String name) {
    return String.format(Locale.ROOT, "%s: sentence %d", name, count + 1);
  }

  private String whereToken(String name) {
    return String.format(Locale.ROOT, "%s, token %d", where(name), lengths[count] + 1);
  }

  private static void expect(char c, String expected, JsonBytes json, String where)
      throws IOException {
    if (!json.skip(c)) {
      throw new BadTokensException(
          String.format(Locale.ROOT, "%s: expected %s, found %s", where, expected, json.found()));
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public int length(int sentence) {
    return lengths[sentence];
  }

  @Override
  public int dim() {
    return dim;
  }

  @Override
  public void copy(int sentence, ByteBuffer target) {
    int floats = lengths[sentence] * dim;
    target.asFloatBuffer().put(values, starts[sentence], floats);
    target.position(target.position() + floats * Float.BYTES);
  }
}
