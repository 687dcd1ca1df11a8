package dev.poolmark.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.junit5.VertxExtension;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.contract.Operation;
import io.vertx.openapi.contract.Response;
import io.vertx.openapi.validation.ResponseValidator;
import io.vertx.openapi.validation.ValidatableResponse;
import java.io.IOException;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Holds every route against the OpenAPI document that the server publishes. */
@ExtendWith(VertxExtension.class)
class ContractIT {

  private static final JsonArray SENTENCES =
      new JsonArray().add(new JsonArray().add(new JsonArray().add(1).add(2)));

  @Test
  void everyRouteAnswersAsTheContractSays(Vertx vertx) throws IOException {
    try (ServerProcess server = ServerProcess.start(TestFiles.folder("contract"))) {
      Client client = new Client(vertx, server);
      OpenAPIContract contract = contract(vertx, client);
      String id = client.start("mean");
      client.end(id);
      Map<String, Supplier<HttpResponse<Buffer>>> calls = calls(client, id);
      assertEquals(
          contract.operations().stream().map(Operation::getOperationId).collect(Collectors.toSet()),
          calls.keySet());
      ResponseValidator validator = ResponseValidator.create(vertx, contract);
      calls.forEach((operation, call) -> check(contract, validator, operation, call.get()));
      JsonObject texts =
          new JsonObject()
              .put("source_sentence", "one")
              .put("sentences", new JsonArray().add("two"));
      check(
          contract,
          validator,
          "similarity",
          client.post("/similarity", new JsonObject().put("inputs", texts)));
      check(
          contract,
          validator,
          "openAiEmbeddings",
          client.post("/v1/embeddings", new JsonObject().put("input", "")));
    }
  }

  private static Map<String, Supplier<HttpResponse<Buffer>>> calls(Client client, String id) {
    JsonObject run = new JsonObject().put("pooler", "mean").put("dataset", "toy");
    JsonObject pool = new JsonObject().put("pooler", "mean").put("inputs", SENTENCES);
    JsonObject pairs =
        new JsonObject().put("pooler", "mean").put("first", SENTENCES).put("second", SENTENCES);
    JsonObject texts = new JsonObject().put("inputs", new JsonArray().add("one").add("two"));
    JsonObject rerank =
        new JsonObject().put("query", "one").put("texts", new JsonArray().add("two"));
    JsonObject openAi = new JsonObject().put("input", "one").put("model", "any");
    return Map.ofEntries(
        Map.entry("createRun", () -> client.post("/runs", run)),
        Map.entry("listRuns", () -> client.get("/runs?limit=1")),
        Map.entry("getRun", () -> client.get("/runs/" + id)),
        Map.entry("cancelRun", () -> client.delete("/runs/" + id)),
        Map.entry("getRunPairs", () -> client.get("/runs/" + id + "/pairs")),
        Map.entry("watchRun", () -> client.get("/runs/" + id + "/progress")),
        Map.entry("streamRun", () -> client.get("/runs/" + id + "/events")),
        Map.entry("getLeaderboard", () -> client.get("/leaderboard?dataset=toy")),
        Map.entry("pool", () -> client.post("/pool", pool)),
        Map.entry("similarity", () -> client.post("/similarity", pairs)),
        Map.entry("embed", () -> client.post("/embed", texts)),
        Map.entry("embedAll", () -> client.post("/embed_all", texts)),
        Map.entry("embedRoot", () -> client.post("/", texts)),
        Map.entry("rerank", () -> client.post("/rerank", rerank)),
        Map.entry("openAiEmbeddings", () -> client.post("/v1/embeddings", openAi)),
        Map.entry("listPoolers", () -> client.get("/poolers")),
        Map.entry(
            "rescanPoolers",
            () -> Client.await(client.request(HttpMethod.POST, "/poolers/rescan").send())),
        Map.entry("listDatasets", () -> client.get("/datasets")),
        Map.entry("getHealth", () -> client.get("/health")),
        Map.entry("getInfo", () -> client.get("/info")),
        Map.entry("getMetrics", () -> client.get("/metrics")),
        Map.entry("getContract", () -> client.get("/openapi.json")));
  }

  /** The validator knows no CSV and no events: as in the server, they count as plain text. */
  private static OpenAPIContract contract(Vertx vertx, Client client) {
    String published = client.get("/openapi.json").bodyAsString();
    return Client.await(
        OpenAPIContract.from(
            vertx,
            new JsonObject(
                published
                    .replace("\"text/csv\"", "\"text/plain\"")
                    .replace("\"text/event-stream\"", "\"text/plain\""))));
  }

  private static void check(
      OpenAPIContract contract,
      ResponseValidator validator,
      String operation,
      HttpResponse<Buffer> answer) {
    String type = answer.getHeader("Content-Type").split(";")[0];
    if (type.equals("application/json")) {
      Client.await(
          validator.validate(
              ValidatableResponse.create(
                  answer.statusCode(),
                  Map.of("Location", String.valueOf(answer.getHeader("Location"))),
                  answer.body(),
                  type),
              operation));
    } else {
      Response response = contract.operation(operation).getResponse(answer.statusCode());
      assertTrue(response.getContent().containsKey("text/plain"), operation + " " + type);
    }
    assertTrue(answer.statusCode() < 500, operation);
  }
}
