package dev.poolmark.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2.AllMiniLmL6V2EmbeddingModel;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Texts over HTTP, by a model folder of one's own. */
@ExtendWith(VertxExtension.class)
class TextFolderIT {

  private static Path folder;
  private static ServerProcess server;
  private static Client client;

  @BeforeAll
  static void start(Vertx vertx) throws IOException {
    folder = Texts.writeMiniLm(TestFiles.folder("models").resolve("my-minilm"));
    server =
        ServerProcess.start(
            TestFiles.folder("folder"),
            "--encoder",
            folder.toString(),
            "--auto-truncate",
            "--max-client-batch-size",
            "100",
            "--max-concurrent-requests",
            "4");
    client = new Client(vertx, server);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void embeddingsAreLangchain4jsOwn() {
    EmbeddingModel own = new AllMiniLmL6V2EmbeddingModel();
    List<String> texts = Texts.ofManyLengths(40);
    List<float[]> served = embed(new JsonObject().put("inputs", texts).put("normalize", false));
    for (int i = 0; i < served.size(); i++) {
      assertArrayEquals(own.embed(texts.get(i)).content().vector(), served.get(i), 1e-5f);
    }
  }

  @Test
  void infoTellsOfTheFolder() {
    JsonObject info = client.json("/info");
    assertEquals("my-minilm", info.getString("model_id"));
    assertEquals(128, info.getInteger("max_input_length"));
    assertEquals(100, info.getInteger("max_client_batch_size"));
    assertEquals(true, info.getBoolean("auto_truncate"));
    assertEquals(
        "folder", info.getJsonObject("model_type").getJsonObject("embedding").getString("pooling"));
  }

  @Test
  void textsAreCutUnlessARequestSaysOtherwise() {
    JsonObject request = new JsonObject().put("inputs", "word ".repeat(300));
    assertArrayEquals(
        embed(new JsonObject().put("inputs", "word ".repeat(126))).get(0),
        embed(request).get(0),
        1e-5f);
    assertEquals(413, client.post("/embed", request.put("truncate", false)).statusCode());
  }

  @Test
  void promptsArePutBeforeTextsByNameAndBeforeQueriesByThemselves() {
    JsonObject named = new JsonObject().put("inputs", "a text").put("prompt_name", "title");
    assertArrayEquals(
        embed(new JsonObject().put("inputs", "Title: a text")).get(0), embed(named).get(0), 1e-5f);
    HttpResponse<Buffer> unknown = client.post("/embed", named.copy().put("prompt_name", "x"));
    assertEquals(413, unknown.statusCode());
    assertTrue(unknown.bodyAsString().contains("title"), unknown.bodyAsString());

    JsonObject query = new JsonObject().put("query", "a text").put("raw_scores", true);
    double score =
        client
            .post("/rerank", query.put("texts", new JsonArray().add("Represent this: a text")))
            .bodyAsJsonArray()
            .getJsonObject(0)
            .getDouble("score");
    assertEquals(1, score, 1e-5);
  }

  @Test
  void aPlaceTooFewIsOverloadedAndTheOthersAreServed() {
    JsonArray texts = new JsonArray(Texts.ofManyLengths(40));
    List<Future<HttpResponse<Buffer>>> answers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      answers.add(
          client
              .request(HttpMethod.POST, "/embed")
              .sendJsonObject(new JsonObject().put("inputs", texts)));
    }
    Client.await(Future.all(answers));
    List<HttpResponse<Buffer>> refused =
        answers.stream().map(Future::result).filter(a -> a.statusCode() != 200).toList();
    assertTrue(refused.size() >= 8 && refused.size() <= 16, "refused: " + refused.size());
    for (HttpResponse<Buffer> answer : refused) {
      assertEquals(429, answer.statusCode(), answer.bodyAsString());
      assertEquals("overloaded", answer.bodyAsJsonObject().getString("error_type"));
    }
    assertEquals(
        1, embed(new JsonObject().put("inputs", "afterwards")).size(), "there is room again");
  }

  @Test
  void aTrainedModelPoolsTheTokensOfTexts(Vertx vertx) throws IOException {
    Path models = TestFiles.folder("trained");
    TestFiles.writeDoublingModel(models.resolve("double"), 384);
    JsonObject request = new JsonObject().put("inputs", "some text").put("normalize", false);
    try (ServerProcess other =
        ServerProcess.start(
            TestFiles.folder("folder"),
            "--encoder",
            folder.toString(),
            "--models",
            models.toString(),
            "--pooler",
            "models/double")) {
      Client others = new Client(vertx, other);
      JsonArray tokens = others.post("/embed_all", request).bodyAsJsonArray().getJsonArray(0);
      float[] pooled = embeddings(others.post("/embed", request)).get(0);
      for (int i = 0; i < pooled.length; i++) {
        double sum = 0;
        for (int token = 0; token < tokens.size(); token++) {
          sum += tokens.getJsonArray(token).getDouble(i);
        }
        assertEquals(2 * sum, pooled[i], 1e-4);
      }
    }
  }

  @Test
  void aFolderThatIsNoneEndsTheServerBeforeItListens() throws Exception {
    Path nothing = TestFiles.folder("nothing");
    Process process =
        Wait.bounded(
            ServerProcess.process(TestFiles.folder("folder"), "--encoder", nothing.toString())
                .start());
    String said = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(3, process.waitFor(), said);
    assertTrue(said.contains(nothing.resolve("modules.json").toString()), said);
    assertEquals(1, said.lines().count(), said);
  }

  private static List<float[]> embed(JsonObject request) {
    return embeddings(client.post("/embed", request));
  }

  private static List<float[]> embeddings(HttpResponse<Buffer> answer) {
    assertEquals(200, answer.statusCode(), answer.bodyAsString());
    return answer.bodyAsJsonArray().stream().map(row -> Texts.floats((JsonArray) row)).toList();
  }
}
