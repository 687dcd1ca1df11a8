package dev.poolmark.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.output.Response;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.function.DoublePredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts over HTTP, by the bundled encoders, asked for by real clients. */
@ExtendWith(VertxExtension.class)
class TextIT {

  private static final float TOLERANCE = 1e-5f;

  private static final List<String> TEXTS = Texts.ofManyLengths(40);

  /** What the evaluator itself makes of them. */
  private static List<float[]> own;

  private static ServerProcess server;
  private static Client client;

  @BeforeAll
  static void start(Vertx vertx) throws IOException {
    server = ServerProcess.start(TestFiles.folder("text"));
    client = new Client(vertx, server);
    own = Texts.embedded(TEXTS);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void embeddingsAreTheEvaluatorsOwn() {
    List<float[]> served = embed(new JsonObject().put("inputs", TEXTS).put("normalize", false));
    for (int i = 0; i < own.size(); i++) {
      assertArrayEquals(own.get(i), served.get(i), TOLERANCE, TEXTS.get(i));
    }
    List<float[]> normalized = embed(new JsonObject().put("inputs", TEXTS));
    for (int i = 0; i < own.size(); i++) {
      assertArrayEquals(Texts.normalized(own.get(i)), normalized.get(i), TOLERANCE, TEXTS.get(i));
    }
  }

  @Test
  void fiftyClientsAtOnceGetTheirOwnAnswersWhateverElseIsInTheirBatches() {
    List<String> texts = Texts.ofManyLengths(150);
    double before = metric("poolmark_text_batch_texts_count");
    List<Future<HttpResponse<Buffer>>> answers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      JsonArray own = new JsonArray(texts.subList(3 * i, 3 * i + 3));
      answers.add(
          client
              .request(HttpMethod.POST, "/embed")
              .sendJsonObject(new JsonObject().put("inputs", own)));
    }
    Client.await(Future.all(answers));
    double batches = metric("poolmark_text_batch_texts_count") - before;
    assertTrue(batches < 50, "texts of several requests go together, found batches: " + batches);
    for (int i = 0; i < 50; i += 7) {
      List<float[]> together = embeddings(answers.get(i).result());
      for (int text = 0; text < 3; text++) {
        float[] alone = embed(new JsonObject().put("inputs", texts.get(3 * i + text))).get(0);
        assertArrayEquals(alone, together.get(text), TOLERANCE);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {" ", "日本語の文", "👩‍🔬🚀", "a\\u0000b", "\\\"\\n\\t", "ﷺ\u200b", "[SEP] x"})
  void anyTextThatIsNotEmptyIsEncoded(String escaped) {
    HttpResponse<Buffer> answer = post("/embed", "{\"inputs\":\"" + escaped + "\"}");
    assertEquals(200, answer.statusCode(), answer.bodyAsString());
    assertEquals(768, embeddings(answer).get(0).length);
  }

  @Test
  void halfOfASurrogatePairIsNoText() {
    HttpResponse<Buffer> answer = post("/embed", "{\"inputs\":\"\\ud800 \ud83d\ude80\"}");
    assertEquals(422, answer.statusCode(), answer.bodyAsString());
    assertEquals(
        "expected text, found one half of a surrogate pair alone",
        answer.bodyAsJsonObject().getString("error"));
  }

  @Test
  void textsAsIdsGiveWhatTheTextsGive() {
    JsonArray ids = new JsonArray().add(101).add(7592).add(2088).add(102); // hello world
    float[] written = embed(new JsonObject().put("inputs", "Hello world")).get(0);
    assertArrayEquals(
        written, embed(new JsonObject().put("inputs", new JsonArray().add(ids))).get(0), TOLERANCE);
    assertArrayEquals(written, embed(new JsonObject().put("inputs", ids)).get(0), TOLERANCE);
    JsonArray mixed = new JsonArray().add("Hello world").add(ids);
    assertEquals(2, embed(new JsonObject().put("inputs", mixed)).size());
  }

  @Test
  void whatIsTooLongIsRefusedOrCutAtEitherEnd() {
    String ends = "first " + "word ".repeat(200) + "last";
    HttpResponse<Buffer> refused = client.post("/embed", new JsonObject().put("inputs", ends));
    assertError(refused, 413, "validation", "at most 128 tokens. Given: 204");
    JsonObject truncated = new JsonObject().put("inputs", ends).put("truncate", true);
    float[] start = embed(new JsonObject().put("inputs", "first " + "word ".repeat(125))).get(0);
    float[] end = embed(new JsonObject().put("inputs", "word ".repeat(125) + "last")).get(0);
    assertArrayEquals(start, embed(truncated).get(0), TOLERANCE);
    for (String left : List.of("left", "Left")) {
      assertArrayEquals(
          end, embed(truncated.copy().put("truncation_direction", left)).get(0), TOLERANCE);
    }
  }

  @Test
  void dimensionsAreTheFirstOfThemNormalisedAnew() {
    float[] all = embed(new JsonObject().put("inputs", "some text").put("normalize", false)).get(0);
    float[] first =
        embed(new JsonObject().put("inputs", "some text").put("dimensions", 100)).get(0);
    assertArrayEquals(Texts.normalized(Arrays.copyOf(all, 100)), first, TOLERANCE);
  }

  @Test
  void embedAllGivesTheTokensWhoseMeanIsTheEmbedding() {
    JsonArray texts = new JsonArray().add("Hello world").add("A somewhat longer text");
    JsonArray all = client.post("/embed_all", inputs(texts)).bodyAsJsonArray();
    List<float[]> pooled = embed(inputs(texts).put("normalize", false));
    assertEquals(4, all.getJsonArray(0).size());
    for (int text = 0; text < 2; text++) {
      JsonArray tokens = all.getJsonArray(text);
      float[] mean = new float[768];
      for (int token = 0; token < tokens.size(); token++) {
        float[] values = Texts.floats(tokens.getJsonArray(token));
        for (int i = 0; i < mean.length; i++) {
          mean[i] += values[i] / tokens.size();
        }
      }
      assertArrayEquals(pooled.get(text), mean, TOLERANCE);
    }
    assertError(
        client.post("/embed_all", inputs(new JsonArray(Texts.ofManyLengths(33)))),
        413,
        "validation",
        "batch size 33 > maximum allowed batch size 32");
  }

  @Test
  void similaritiesAndRanksAreCosines() {
    String source = "A man plays the guitar";
    List<String> others =
        List.of("A dog sleeps", "Somebody makes music on a guitar", "A dog sleeps");
    JsonObject inputs = new JsonObject().put("source_sentence", source).put("sentences", others);
    JsonArray cosines =
        client.post("/similarity", new JsonObject().put("inputs", inputs)).bodyAsJsonArray();
    List<float[]> embeddings =
        embed(inputs(new JsonArray().add(source).add(others.get(0)).add(others.get(1))));
    assertEquals(dot(embeddings.get(0), embeddings.get(1)), cosines.getDouble(0), TOLERANCE);
    assertEquals(dot(embeddings.get(0), embeddings.get(2)), cosines.getDouble(1), TOLERANCE);

    JsonObject query =
        new JsonObject().put("query", source).put("texts", others).put("raw_scores", true);
    JsonArray raw = client.post("/rerank", query).bodyAsJsonArray();
    assertEquals(
        List.of(1, 0, 2), // the earlier of two that are equal first
        raw.stream().map(rank -> ((JsonObject) rank).getInteger("index")).toList());
    assertEquals(cosines.getDouble(1), raw.getJsonObject(0).getDouble("score"), TOLERANCE);
    JsonArray ranks =
        client
            .post("/rerank", query.copy().put("raw_scores", false).put("return_text", true))
            .bodyAsJsonArray();
    assertEquals(others.get(1), ranks.getJsonObject(0).getString("text"));
    assertEquals(
        (1 + cosines.getDouble(1)) / 2, ranks.getJsonObject(0).getDouble("score"), TOLERANCE);
  }

  @Test
  void openAiGetsFloatsOrTheSameInBase64AndCountsTokens() {
    JsonObject request =
        new JsonObject()
            .put("model", "any")
            .put("input", new JsonArray().add("Hello world").add("x"));
    JsonObject floats = client.post("/v1/embeddings", request).bodyAsJsonObject();
    JsonObject base64 =
        client
            .post("/v1/embeddings", request.copy().put("encoding_format", "base64"))
            .bodyAsJsonObject();
    assertEquals("list", floats.getString("object"));
    assertEquals(client.json("/info").getString("model_id"), floats.getString("model"));
    assertEquals(7, floats.getJsonObject("usage").getInteger("prompt_tokens"));
    assertEquals(7, floats.getJsonObject("usage").getInteger("total_tokens"));
    for (int i = 0; i < 2; i++) {
      JsonObject data = floats.getJsonArray("data").getJsonObject(i);
      assertEquals("embedding", data.getString("object"));
      assertEquals(i, data.getInteger("index"));
      ByteBuffer bytes =
          ByteBuffer.wrap(
              Base64.getDecoder()
                  .decode(base64.getJsonArray("data").getJsonObject(i).getString("embedding")));
      float[] decoded = new float[768];
      bytes.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(decoded);
      assertArrayEquals(decoded, Texts.floats(data.getJsonArray("embedding")));
      assertEquals(1, dot(decoded, decoded), TOLERANCE);
    }
  }

  @Test
  void langchain4jsOpenAiClientWorksUnchanged() {
    OpenAiEmbeddingModel model =
        OpenAiEmbeddingModel.builder()
            .baseUrl(server.url() + "v1")
            .apiKey("any")
            .modelName("any")
            .build();
    Response<List<Embedding>> answer =
        model.embedAll(TEXTS.stream().map(TextSegment::from).toList());
    for (int i = 0; i < own.size(); i++) {
      assertArrayEquals(Texts.normalized(own.get(i)), answer.content().get(i).vector(), TOLERANCE);
    }
    assertTrue(answer.tokenUsage().inputTokenCount() > 2 * TEXTS.size());
  }

  @Test
  void pythonsClientsOfOpenAiAndHuggingFaceWorkUnchanged() throws Exception {
    String python = System.getenv().getOrDefault("POOLMARK_PYTHON", "python3");
    if (run(python, "-c", "import openai, huggingface_hub, numpy").exit() != 0) {
      if ("true".equals(System.getenv("CI"))) {
        fail("CI needs openai and huggingface_hub in POOLMARK_PYTHON");
      }
      assumeTrue(false, "no Python with openai and huggingface_hub");
    }
    Script clients = run(python, "src/test/python/text_clients.py", server.url().toString());
    assertEquals(0, clients.exit(), clients.said());
  }

  private record Script(int exit, String said) {}

  private static Script run(String... words) throws IOException, InterruptedException {
    try {
      Process process = Wait.bounded(new ProcessBuilder(words).redirectErrorStream(true).start());
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return new Script(process.waitFor(), said);
    } catch (IOException e) {
      return new Script(-1, e.getMessage());
    }
  }

  @Test
  void headersTellWhatWasComputed() {
    HttpResponse<Buffer> answer =
        client.post("/embed", inputs(new JsonArray().add("Hello 👋").add("world")));
    assertEquals("cpu", answer.getHeader("x-compute-type"));
    assertEquals("12", answer.getHeader("x-compute-characters"));
    assertEquals("7", answer.getHeader("x-compute-tokens"));
    for (String name :
        List.of(
            "x-compute-time",
            "x-total-time",
            "x-tokenization-time",
            "x-queue-time",
            "x-inference-time")) {
      assertTrue(Long.parseLong(answer.getHeader(name)) >= 0, name);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/embed | {bad | 400 | malformed | expected JSON",
        "/embed | {} x | 400 | malformed | expected JSON",
        "/embed | [] | 422 | validation | expected a JSON object",
        "/embed | {} | 422 | validation | inputs: expected",
        "/embed | {\"inputs\":3} | 422 | validation | found 3",
        "/embed | {\"inputs\":null} | 422 | validation | found null",
        "/embed | {\"inputs\":[\"a\",3]} | 422 | validation | expected a string, found 3",
        "/embed | {\"inputs\":[[1,-2]]} | 422 | validation | token ids",
        "/embed | {\"inputs\":[[1,2.5]]} | 422 | validation | token ids",
        "/embed | {\"inputs\":[[1,30522]]} | 413 | validation | below 30522",
        "/embed | {\"inputs\":\"\"} | 400 | empty | `inputs` cannot be empty",
        "/embed | {\"inputs\":[]} | 400 | empty | `inputs` cannot be empty",
        "/embed | {\"inputs\":[\"a\",\"\"]} | 400 | empty | `inputs` cannot be empty",
        "/embed | {\"inputs\":[[]]} | 400 | empty | `inputs` cannot be empty",
        "/embed | {\"inputs\":\"a\",\"normalize\":\"yes\"} | 422 | validation | normalize",
        "/embed | {\"inputs\":\"a\",\"truncate\":1} | 422 | validation | truncate",
        "/embed | {\"inputs\":\"a\",\"truncation_direction\":\"up\"} | 422 | validation | right or left",
        "/embed | {\"inputs\":\"a\",\"prompt_name\":\"query\"} | 413 | validation | prompt_name",
        "/embed | {\"inputs\":\"a\",\"dimensions\":0} | 422 | validation | dimensions",
        "/embed | {\"inputs\":\"a\",\"dimensions\":769} | 413 | validation | at most 768",
        "/similarity | {\"inputs\":{\"sentences\":[\"a\"]}} | 422 | validation | source_sentence",
        "/embed | {\"inputs\":\"\\ud800\"} | 422 | validation | surrogate",
        "/embed | {\"inputs\":[\"a\",\"b\\udc00\\ud800\"]} | 422 | validation | surrogate",
        "/similarity | {\"inputs\":{\"source_sentence\":\"a\\ud83d\",\"sentences\":[\"a\"]}} | 422 | validation | surrogate",
        "/rerank | {\"query\":\"a\",\"texts\":[\"\\udfff\"]} | 422 | validation | surrogate",
        "/similarity | {\"inputs\":\"a\"} | 422 | validation | expected a JSON object",
        "/similarity | {\"inputs\":{\"source_sentence\":\"a\",\"sentences\":[]}} | 400 | empty | empty",
        "/rerank | {\"query\":\"a\",\"texts\":\"b\"} | 422 | validation | texts",
        "/rerank | {\"query\":\"a\",\"texts\":[]} | 400 | empty | `texts` cannot be empty",
      })
  void badBodiesAreRefusedWithTheReason(
      String path, String body, int status, String type, String reason) {
    assertError(post(path, body), status, type, reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{bad | 400 | malformed",
        "{\"input\":3} | 422 | validation",
        "{\"input\":\"a\",\"encoding_format\":\"int8\"} | 422 | validation",
        "{\"input\":\"\"} | 400 | empty",
      })
  void errorsAreAsOpenAisClientsReadThem(String body, int status, String type) {
    HttpResponse<Buffer> answer = post("/v1/embeddings", body);
    assertEquals(status, answer.statusCode(), answer.bodyAsString());
    JsonObject error = answer.bodyAsJsonObject().getJsonObject("error");
    assertEquals(type, error.getString("type"));
    assertNotNull(error.getString("message"));
    assertTrue(error.containsKey("param") && error.containsKey("code"), error.encode());
  }

  @Test
  void bodiesAndBatchesThatAreTooLargeAndOtherMediaTypesAreRefused() {
    Buffer large = Buffer.buffer("{\"inputs\":\"" + "word ".repeat(2 << 20) + "\"}");
    for (String path : List.of("/embed", "/", "/similarity", "/rerank")) {
      assertError(
          client.post(path, "application/json", large), 413, "too_large", "larger than this");
    }
    assertError(
        client.post("/embed", inputs(new JsonArray(Texts.ofManyLengths(2049)))),
        413,
        "validation",
        "batch size 2049 > maximum allowed batch size 2048");
    assertError(
        client.post("/embed", "text/plain", Buffer.buffer("{\"inputs\":\"a\"}")),
        415,
        "unsupported_media_type",
        "application/json");
  }

  @Test
  void aClientThatHangsUpFreesItsPlaceAndHoldsUpNobody() throws Exception {
    String body = inputs(new JsonArray(Texts.ofManyLengths(2000))).encode();
    for (int i = 0; i < 5; i++) {
      try (Socket socket = new Socket("127.0.0.1", server.port())) {
        socket
            .getOutputStream()
            .write(
                ("POST /embed HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                        + "Content-Length: %d\r\n\r\n%s")
                    .formatted(body.length(), body)
                    .getBytes(StandardCharsets.US_ASCII));
        waitFor("poolmark_text_waiting", waiting -> waiting > 0);
      }
    }
    assertEquals(200, post("/embed", "{\"inputs\":\"next\"}").statusCode());
    waitFor("poolmark_text_waiting", waiting -> waiting == 0);
    waitFor("poolmark_text_requests_open", open -> open == 0);
  }

  @Test
  void aCrashOfTheEncoderCostsItsBatchAndNothingElse() throws Exception {
    post("/embed", "{\"inputs\":\"warm\"}");
    Future<HttpResponse<Buffer>> underWay =
        client
            .request(HttpMethod.POST, "/v1/embeddings")
            .sendJsonObject(new JsonObject().put("input", Texts.ofManyLengths(1000)));
    waitFor("poolmark_text_waiting", waiting -> waiting > 0);
    server.children().forEach(ProcessHandle::destroyForcibly);
    HttpResponse<Buffer> failed = Client.await(underWay);
    assertEquals(424, failed.statusCode(), failed.bodyAsString());
    assertEquals("backend", failed.bodyAsJsonObject().getJsonObject("error").getString("type"));
    assertEquals(200, post("/embed", "{\"inputs\":\"next\"}").statusCode());
    assertTrue(metric("poolmark_lanes_replaced_total{lane=\"text\"}") >= 1);
  }

  @Test
  void runsGoOnBesideTexts() {
    String run = client.start("mean");
    List<Future<HttpResponse<Buffer>>> answers =
        IntStream.range(0, 8)
            .mapToObj(
                i ->
                    client
                        .request(HttpMethod.POST, "/embed")
                        .sendJsonObject(inputs(new JsonArray(Texts.ofManyLengths(20)))))
            .toList();
    assertEquals("done", client.end(run).getString("status"));
    Client.await(Future.all(answers));
    assertEquals(200, answers.get(7).result().statusCode());
  }

  private static JsonObject inputs(JsonArray texts) {
    return new JsonObject().put("inputs", texts);
  }

  private static HttpResponse<Buffer> post(String path, String body) {
    return client.post(path, "application/json", Buffer.buffer(body));
  }

  private static List<float[]> embed(JsonObject request) {
    return embeddings(client.post("/embed", request));
  }

  private static List<float[]> embeddings(HttpResponse<Buffer> answer) {
    assertEquals(200, answer.statusCode(), answer.bodyAsString());
    return answer.bodyAsJsonArray().stream().map(row -> Texts.floats((JsonArray) row)).toList();
  }

  private static double dot(float[] one, float[] other) {
    return IntStream.range(0, one.length).mapToDouble(i -> (double) one[i] * other[i]).sum();
  }

  private static double metric(String name) {
    return client
        .get("/metrics")
        .bodyAsString()
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
        .findFirst()
        .orElse(0);
  }

  private static void waitFor(String metric, DoublePredicate reached) throws InterruptedException {
    long deadline = System.nanoTime() + 60_000_000_000L;
    while (!reached.test(metric(metric))) {
      assertTrue(System.nanoTime() < deadline, metric + " " + metric(metric));
      Thread.sleep(20);
    }
  }

  private static void assertError(
      HttpResponse<Buffer> answer, int status, String type, String reason) {
    assertEquals(status, answer.statusCode(), answer.bodyAsString());
    assertEquals(type, answer.bodyAsJsonObject().getString("error_type"));
    String error = answer.bodyAsJsonObject().getString("error");
    assertTrue(error.contains(reason), error);
  }
}
