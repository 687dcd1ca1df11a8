package dev.poolmark.evaluator.worker;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.poolmark.evaluator.batch.Tokens;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTokensTest {

  private static final ObjectMapper JACKSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
  private static final String VALID =
      " {\"pooler\" : \"m\\u0065an\",\n\"inputs\":[[[1,-2.5e1,3],[0,0.1,-0]],[[4E+2, 5 ,6e-3]]]}\n";
  private static final String BYTES = "[]{},:\"\\ 0123456789.-+eE\nntf\u0001";

  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void name() {
    file = folder.resolve("body.json");
  }

  @Test
  void numbersAreThoseOfTheJdkAlsoWhereTheWindowEnds() throws IOException {
    Random random = new Random(7);
    float[] expected = new float[3 * 100_000];
    StringBuilder json = new StringBuilder("{\"inputs\":[[");
    for (int i = 0; i < expected.length; i++) {
      String number = number(random);
      expected[i] = Float.parseFloat(number);
      json.append(i % 3 == 0 ? i == 0 ? "[" : ",[" : ", ").append(number);
      json.append(i % 3 == 2 ? "]" : "");
    }
    write(json.append("]],\"pooler\":\"sum\"}").toString());
    assertTrue(json.length() > 3 << 20, "expected several windows");
    PoolingRequest request = JsonTokens.read(file, "inputs");
    assertEquals("sum", request.pooler());
    assertArrayEquals(expected, floats(request.sentences().get(0), 0));
  }

  private static String number(Random random) {
    float value = (float) random.nextGaussian();
    return switch (random.nextInt(5)) {
      case 0 -> Float.toString(value);
      case 1 -> Double.toString(1000 * value);
      case 2 -> Integer.toString((int) (1e6 * value));
      case 3 -> "%.3e".formatted(value * 1e-20);
      default -> "%.7f".formatted(value);
    };
  }

  @Test
  void whateverIsBrokenInAValidBodyIsToldAsJacksonSeesIt() throws IOException {
    Random random = new Random(11);
    int malformed = 0;
    int wrong = 0;
    int accepted = 0;
    for (int i = 0; i < 4_000; i++) {
      String body = broken(random);
      write(body);
      JsonNode tree = tree(body);
      try {
        PoolingRequest request = JsonTokens.read(file, "inputs");
        assertEquals(tree.get("pooler").textValue(), request.pooler(), body);
        assertSame(tree.get("inputs"), request.sentences().get(0), body);
        accepted++;
      } catch (BadTokensException.Malformed e) {
        assertEquals(null, tree, body);
        malformed++;
      } catch (BadTokensException e) {
        assertFalse(tree == null, body);
        wrong++;
      }
    }
    assertTrue(malformed > 200 && wrong > 200 && accepted > 200, malformed + " " + wrong);
  }

  private static String broken(Random random) {
    StringBuilder body = new StringBuilder(VALID);
    int at = random.nextInt(body.length());
    char c = BYTES.charAt(random.nextInt(BYTES.length()));
    switch (random.nextInt(4)) {
      case 0 -> body.deleteCharAt(at);
      case 1 -> body.insert(at, c);
      case 2 -> body.setCharAt(at, c);
      default -> body.setLength(at);
    }
    return body.toString();
  }

  private static JsonNode tree(String body) {
    try {
      JsonNode tree = JACKSON.readTree(body);
      return tree.isMissingNode() ? null : tree;
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  private static void assertSame(JsonNode inputs, Tokens tokens, String body) {
    assertEquals(inputs.size(), tokens.count(), body);
    for (int sentence = 0; sentence < tokens.count(); sentence++) {
      float[] found = floats(tokens, sentence);
      int i = 0;
      for (JsonNode token : inputs.get(sentence)) {
        for (JsonNode number : token) {
          assertTrue(Float.parseFloat(number.asText()) == found[i++], body);
        }
      }
      assertEquals(found.length, i, body);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{\"pooler\":\"mean\",\"inputs\":[[[1,2",
        "{\"pooler\":\"mean\",\"inputs\":[[[01]]]}",
        "{\"pooler\":\"mean\",\"inputs\":[[[1.]]]}",
        "{\"pooler\":\"mean\",\"inputs\":[[[NaN]]]}",
        "{\"pooler\":\"mean\",\"inputs\":[[[+1]]]}",
        "{\"pooler\":\"mean\",\"inputs\":[[[1]]]} {}",
        "{\"pooler\":3,",
      })
  void whatIsNoJsonIsMalformed(String body) throws IOException {
    write(body);
    assertThrows(BadTokensException.Malformed.class, () -> JsonTokens.read(file, "inputs"));
  }

  @Test
  void aNumberThatNoFloatHoldsIsRefused() throws IOException {
    write("{\"pooler\":\"mean\",\"inputs\":[[[1,1e39]]]}");
    BadTokensException refused =
        assertThrows(BadTokensException.class, () -> JsonTokens.read(file, "inputs"));
    assertTrue(refused.getMessage().contains("sentence 1, token 1"), refused.getMessage());
    assertFalse(refused instanceof BadTokensException.Malformed);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "[]|the body: expected an object, found an array",
        "{\"pooler\":3,\"inputs\":[[[1]]]}|pooler: expected a string, found a number",
        "{\"pooler\":\"m\",\"inputs\":{}}|inputs: expected an array, found an object",
        "{\"pooler\":\"m\",\"inputs\":[]}|inputs: expected at least one sentence, found none",
        "{\"pooler\":\"m\",\"inputs\":[[[1]],[]]}|inputs: sentence 2: expected at least one token, found none",
        "{\"pooler\":\"m\",\"inputs\":[[[1]],null]}|inputs: sentence 2: expected an array, found null",
        "{\"pooler\":\"m\",\"inputs\":[[[1]],[[2],3]]}|inputs: sentence 2, token 2: expected an array, found a number",
        "{\"pooler\":\"m\",\"inputs\":[[[]]]}|inputs: sentence 1, token 1: expected some numbers, found 0",
        "{\"pooler\":\"m\",\"inputs\":[[[1,2],[3]]]}|inputs: sentence 1, token 2: expected as many as before, 2, numbers, found 1",
        "{\"pooler\":\"m\",\"inputs\":[[[1,true]]]}|inputs: sentence 1, token 1: expected a number, found a boolean",
        "{\"pooler\":\"m\",\"inputs\":[[[1,\"2\"]]]}|inputs: sentence 1, token 1: expected a number, found a string",
        "{\"pooler\":\"m\"}|expected 'pooler' and [inputs]",
        "{\"pooler\":\"m\",\"texts\":[]}|expected only 'pooler' and [inputs], found 'texts'",
      })
  void whatIsAnotherJsonIsToldWithItsSentenceAndToken(String body, String message)
      throws IOException {
    write(body);
    BadTokensException refused =
        assertThrows(BadTokensException.class, () -> JsonTokens.read(file, "inputs"));
    assertEquals(message, refused.getMessage());
    assertFalse(refused instanceof BadTokensException.Malformed);
  }

  private void write(String body) throws IOException {
    Files.write(file, body.getBytes(StandardCharsets.UTF_8));
  }

  private static float[] floats(Tokens tokens, int sentence) {
    float[] values = new float[tokens.length(sentence) * tokens.dim()];
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.nativeOrder());
    tokens.copy(sentence, bytes);
    bytes.flip().asFloatBuffer().get(values);
    return values;
  }
}
