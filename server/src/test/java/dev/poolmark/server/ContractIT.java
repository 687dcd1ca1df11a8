package dev.poolmark.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.Validator;
import io.vertx.junit5.VertxExtension;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.contract.Operation;
import io.vertx.openapi.validation.ResponseValidator;
import io.vertx.openapi.validation.ValidatableResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Holds every route against the OpenAPI document that the server publishes: each status that it
 * names is provoked, and each answer must be as it says there.
 */
@ExtendWith(VertxExtension.class)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ContractIT {

  private static final String JSON = "application/json";
  private static final String SAFETENSORS = "application/octet-stream";
  private static final JsonArray SENTENCES = new JsonArray("[[[1,2],[3,4]],[[5,6]]]");
  private static final String RUN = "{\"pooler\":\"mean\",\"dataset\":\"toy\"}";
  private static final String POOL = "{\"pooler\":\"mean\",\"inputs\":[[[1,2]]]}";
  private static final String PAIRS =
      "{\"pooler\":\"mean\",\"first\":[[[1,2]]],\"second\":[[[1,2]]]}";
  private static final List<TextCall> TEXTS =
      List.of(
          new TextCall("embed", "/embed", "EmbedRequest", "{\"inputs\":\"one\"}"),
          new TextCall("embedAll", "/embed_all", "EmbedAllRequest", "{\"inputs\":\"one\"}"),
          new TextCall("embedRoot", "/", "RootRequest", "{\"inputs\":\"one\"}"),
          new TextCall(
              "rerank", "/rerank", "RerankRequest", "{\"query\":\"one\",\"texts\":[\"two\"]}"),
          new TextCall(
              "openAiEmbeddings", "/v1/embeddings", "OpenAiRequest", "{\"input\":\"one\"}"),
          new TextCall(
              "similarity",
              "/similarity",
              "TextSimilarityRequest",
              "{\"inputs\":{\"source_sentence\":\"one\",\"sentences\":[\"two\"]}}"));

  private record TextCall(String operation, String path, String schema, String body) {}

  private static final Buffer LARGE = Buffer.buffer(new byte[3 << 20]);

  private static Path plugins;
  private static ServerProcess server;
  private static Client client;
  private static JsonObject published;
  private static OpenAPIContract contract;
  private static ResponseValidator validator;

  /** Pairs of operation and status that were seen. */
  private static final TreeSet<String> seen = new TreeSet<>();

  @BeforeAll
  static void start(Vertx vertx) throws IOException {
    plugins = TestFiles.folder("plugins");
    TestFiles.writeRogueJar(plugins.resolve("rogue.jar"));
    Path models = TestFiles.folder("models");
    TestFiles.writeDoublingModel(models.resolve("tuned/best"), TestFiles.DIM);
    Files.writeString(models.resolve("tuned/report.html"), "<!doctype html><title>Tuning</title>");
    server =
        ServerProcess.start(
            TestFiles.folder("contract"),
            "--plugins",
            plugins.toString(),
            "--models",
            models.toString(),
            "--max-queued",
            "1",
            "--max-body",
            "2",
            "--max-client-batch-size",
            "8");
    client = new Client(vertx, server);
    published = client.json("/openapi.json");
    contract = Client.await(OpenAPIContract.from(vertx, withoutUnknownMedia(published)));
    validator = ResponseValidator.create(vertx, contract);
  }

  /** The validator knows no CSV, HTML and events: as in the server, they count as plain text. */
  private static JsonObject withoutUnknownMedia(JsonObject published) {
    return new JsonObject(
        published
            .encode()
            .replace("\"text/csv\"", "\"text/plain\"")
            .replace("\"text/html\"", "\"text/plain\"")
            .replace("\"text/event-stream\"", "\"text/plain\""));
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  @Order(1)
  void aRunsRoutesAnswerAsTheContractSays() {
    String id = json(check("createRun", 202, post("/runs", RUN))).getString("id");
    client.end(id);
    check("getRun", 200, get("/runs/" + id));
    check("listRuns", 200, get("/runs?limit=1"));
    check("getLeaderboard", 200, get("/leaderboard?dataset=toy"));
    check("getRunPairs", 200, get("/runs/" + id + "/pairs"));
    check("streamRun", 200, get("/runs/" + id + "/events"));
    check("cancelRun", 409, delete("/runs/" + id));
    check("watchRun", 400, get("/runs/" + id + "/progress"));
    upgrade(id);
    checkMessages(List.of(client.watch(id).getJsonObject(0)));
    for (String none : List.of("x", "0123456789abcdef", "%00", "..%2F..%2Fetc")) {
      check("getRun", 404, get("/runs/" + none));
      check("cancelRun", 404, delete("/runs/" + none));
      check("getRunPairs", 404, get("/runs/" + none + "/pairs"));
      check("streamRun", 404, get("/runs/" + none + "/events"));
    }
    check(
        "watchRun",
        404,
        client
            .request(HttpMethod.GET, "/runs/x/progress")
            .putHeader("Connection", "Upgrade")
            .putHeader("Upgrade", "websocket")
            .putHeader("Sec-WebSocket-Version", "13")
            .putHeader("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA==")
            .send());
    labelsAndComparisonsAnswerAsTheContractSays(id);
    check("listRuns", 422, get("/runs?limit=0"));
    check("listRuns", 422, get("/runs?status=asleep"));
    check("cancelRun", 422, delete("/runs/" + id + "?purge=maybe"));
    check("cancelRun", 202, delete("/runs/" + id + "?purge=true"));
    String endless = "1".repeat(20_000);
    check("listRuns", 431, get("/runs?limit=" + endless));
    check("getLeaderboard", 431, get("/leaderboard?dataset=" + endless));
    check("getLeaderboard", 422, get("/leaderboard?batch_size=%09x"));
    check("pool", 431, post("/pool?pooler=" + endless, POOL));
    check("listRuns", 422, get("/runs?next_page_token=x"));
    check("createRun", 400, post("/runs", "{bad"));
    check("createRun", 413, post("/runs", JSON, LARGE));
    check("createRun", 415, post("/runs", "text/plain", Buffer.buffer(RUN)));
    check("createRun", 422, post("/runs", "{\"pooler\":3}"));
    check("createRun", 422, post("/runs", "{\"pooler\":\"mean\\u0000\"}"));
  }

  private static void labelsAndComparisonsAnswerAsTheContractSays(String id) {
    String labels = "{\"name\":\"a\",\"notes\":\"b\\nc\",\"tags\":[\"d\"],\"pinned\":false}";
    check("describeRun", 200, patch(id, JSON, labels));
    check("describeRun", 200, patch(id, JSON, "{\"name\":null}"));
    check("describeRun", 400, patch(id, JSON, "{bad"));
    check("describeRun", 404, patch("0123456789abcdef", JSON, labels));
    check("describeRun", 413, patch(id, JSON, LARGE.toString()));
    check("describeRun", 415, patch(id, "text/plain", labels));
    check("describeRun", 422, patch(id, JSON, "{\"tags\":\"d\"}"));
    check("describeRun", 422, patch(id, JSON, "{\"name\":\"\\ud800\"}"));
    String endless = "1".repeat(20_000);
    check("compareRuns", 200, get("/comparison?runs=" + id));
    check("compareRuns", 404, get("/comparison?runs=0123456789abcdef"));
    check("compareRuns", 200, get("/comparison?runs=" + id + "," + id)); // as if named once
    check("compareRuns", 422, get("/comparison"));
    check("compareRuns", 431, get("/comparison?runs=" + endless));
    for (String format : List.of("json", "csv", "mteb")) {
      check("getResults", 200, get("/results?dataset=toy&format=" + format));
    }
    check("getResults", 422, get("/results?format=table"));
    check("getResults", 431, get("/results?dataset=" + endless));
  }

  private static Future<HttpResponse<Buffer>> patch(String id, String type, String body) {
    return client
        .request(HttpMethod.PATCH, "/runs/" + id)
        .putHeader("Content-Type", type)
        .sendBuffer(Buffer.buffer(body));
  }

  private static void upgrade(String id) {
    WebSocketConnectOptions options =
        new WebSocketConnectOptions()
            .setHost("127.0.0.1")
            .setPort(server.port())
            .setURI("/runs/" + id + "/progress");
    WebSocket socket = Client.await(client.sockets().connect(options));
    Client.await(socket.close());
    seen.add("watchRun 101");
  }

  @Test
  @Order(2)
  void aFullQueueAndARunThatGoesOnAnswerAsTheContractSays() throws Exception {
    String slow = "{\"pooler\":\"slow\",\"dataset\":\"toy\",\"batch_size\":1}";
    String running = json(check("createRun", 202, post("/runs", slow))).getString("id");
    Wait.until(
        "the run", () -> client.json("/runs/" + running).getString("status").equals("running"));
    String waiting = json(check("createRun", 202, post("/runs", slow))).getString("id");
    check("createRun", 429, post("/runs", slow));
    List<JsonObject> messages = new CopyOnWriteArrayList<>();
    Future<Integer> queuedEnd = client.follow(waiting, messages::add);
    Future<Integer> runningEnd = client.follow(running, messages::add);
    Wait.until(
        "live figures", () -> messages.stream().anyMatch(message -> message.containsKey("pairs")));
    check("getRun", 200, get("/runs/" + running));
    check("getRun", 200, get("/runs/" + waiting));
    check("getRunPairs", 409, get("/runs/" + running + "/pairs"));
    check("compareRuns", 409, get("/comparison?runs=" + running));
    check("cancelRun", 202, delete("/runs/" + waiting));
    check("cancelRun", 202, delete("/runs/" + running));
    Client.await(Future.all(queuedEnd, runningEnd));
    checkMessages(messages);
  }

  private static void checkMessages(List<JsonObject> messages) {
    Validator schema = schema("Message");
    for (JsonObject message : messages) {
      assertTrue(schema.validate(message).getValid(), message.encode());
    }
  }

  @Test
  @Order(3)
  void bodiesOfTokenEmbeddingsAnswerAsTheContractSays() {
    check("pool", 200, post("/pool", POOL));
    check("pool", 400, post("/pool", "{\"pooler\":\"mean\",\"inputs\":[[[1,2"));
    check("pool", 400, post("/pool?pooler=mean", SAFETENSORS, Buffer.buffer("junk")));
    check("pool", 413, post("/pool", JSON, LARGE));
    check("pool", 415, post("/pool", "text/plain", Buffer.buffer(POOL)));
    check("pool", 422, post("/pool", POOL.replace("mean", "nobody")));
    check("pool", 422, post("/pool", POOL.replace("mean", "/etc/x.pt")));
    check("pool", 422, post("/pool?pooler=/etc/x.pt", SAFETENSORS, Buffer.buffer("junk")));
    check("pool", 503, post("/pool", POOL.replace("mean", "exits")));
    check("similarity", 200, post("/similarity", PAIRS));
    check("similarity", 400, post("/similarity", PAIRS + "]"));
    check("similarity", 413, post("/similarity", JSON, LARGE));
    check("similarity", 415, post("/similarity", SAFETENSORS, Buffer.buffer(PAIRS)));
    check("similarity", 422, post("/similarity", PAIRS.replace("[[[1,2]]],", "[],")));
    check("similarity", 503, post("/similarity", PAIRS.replace("mean", "exits")));
  }

  /** The lane reads those bodies itself; it must take and refuse what the contract does. */
  @Test
  @Order(4)
  void theLanesReaderAndTheContractsSchemasAgree() {
    agree("/pool", "PoolRequest", new JsonObject(POOL).put("inputs", SENTENCES));
    agree("/similarity", "SimilarityRequest", new JsonObject(PAIRS));
  }

  private static void agree(String path, String schema, JsonObject valid) {
    Validator schemas = schema(schema);
    variants(valid, valid.fieldNames()).forEach(body -> agree(path, schemas, body));
    agree(path, schemas, valid.copy().put("colour", "red"));
  }

  /** A body with other values at some of its keys, in turn, and with none. */
  private static List<JsonObject> variants(JsonObject valid, Set<String> names) {
    List<Object> values =
        Arrays.asList(
            "mean",
            "",
            "a".repeat(501),
            "a\nb",
            3,
            null,
            true,
            new JsonObject(),
            new JsonArray(),
            new JsonArray("[[]]"),
            new JsonArray("[[[]]]"),
            new JsonArray("[[[1,\"a\"]]]"),
            new JsonArray("[[[1,null]]]"),
            new JsonArray("[[1]]"),
            new JsonArray("[[[1.5e3,-0.5]]]"));
    List<JsonObject> variants = new ArrayList<>(List.of(valid));
    for (String name : names) {
      values.forEach(value -> variants.add(valid.copy().put(name, value)));
      JsonObject without = valid.copy();
      without.remove(name);
      variants.add(without);
    }
    return variants;
  }

  private static void agree(String path, Validator schema, JsonObject body) {
    OutputUnit checked = schema.validate(body);
    HttpResponse<Buffer> answer = Client.await(post(path, body.encode()));
    String told = body.encode() + " → " + answer.bodyAsString();
    if (checked.getValid()) {
      // What the schema can't say: whether there is such a pooler, and as many of one as of the
      // other.
      boolean known = answer.bodyAsString().matches("(?s).*(no pooler|expected as many).*");
      assertTrue(answer.statusCode() == 200 || answer.statusCode() == 422 && known, told);
    } else {
      assertEquals(422, answer.statusCode(), told);
    }
  }

  @Test
  @Order(5)
  void bodiesOfTextsAnswerAsTheContractSays() {
    for (TextCall call : TEXTS) {
      check(call.operation(), 200, post(call.path(), call.body()));
      check(call.operation(), 400, post(call.path(), call.body() + "]"));
      check(call.operation(), 400, post(call.path(), call.body().replace("one", "")));
      check(call.operation(), 413, post(call.path(), nineTexts(call.body())));
      check(call.operation(), 415, post(call.path(), "text/plain", Buffer.buffer(call.body())));
      check(call.operation(), 422, post(call.path(), call.body().replace("\"one\"", "3")));
    }
  }

  private static String nineTexts(String body) {
    String nine = new JsonArray(Collections.nCopies(9, "two")).encode();
    return body.contains("two") ? body.replace("[\"two\"]", nine) : body.replace("\"one\"", nine);
  }

  /** Texts are read by hand, for speed; what is empty, too long or unknown is refused with 413. */
  @Test
  @Order(5)
  void theReaderOfTextsAndTheContractsSchemasAgree() {
    for (TextCall call : TEXTS) {
      Validator schema = schema(call.schema());
      Set<String> names =
          published
              .getJsonObject("components")
              .getJsonObject("schemas")
              .getJsonObject(call.schema())
              .getJsonObject("properties", new JsonObject().put("inputs", ""))
              .fieldNames();
      for (JsonObject body : variants(new JsonObject(call.body()), names)) {
        HttpResponse<Buffer> answer = Client.await(post(call.path(), body.encode()));
        int expected = schema.validate(body).getValid() ? 200 : 422;
        assertTrue(
            answer.statusCode() == expected
                || answer.statusCode() == 413
                || answer.statusCode() == 400 && answer.bodyAsString().contains("cannot be empty"),
            call.path() + " " + body.encode() + " → " + answer.bodyAsString());
      }
    }
  }

  @Test
  @Order(5)
  void aModelThatFailsAnswersAsTheContractSays(Vertx vertx) throws IOException {
    // No encoder fits into so little: its process is ended while it loads.
    try (ServerProcess cramped = textServer("--lane-memory", "16")) {
      Client client = new Client(vertx, cramped);
      for (TextCall call : TEXTS) {
        check(call.operation(), 424, post(client, call.path(), JSON, Buffer.buffer(call.body())));
      }
    }
  }

  @Test
  @Order(5)
  void anEncoderThatIsBusyAnswersAsTheContractSays(Vertx vertx) throws Exception {
    try (ServerProcess hanging = textServer("--pooler", "hangs_natively")) {
      Client client = new Client(vertx, hanging);
      post(client, "/embed", JSON, Buffer.buffer("{\"inputs\":\"one\"}"));
      Wait.until(
          "the request",
          () -> client.get("/metrics").bodyAsString().contains("poolmark_text_requests_open 1.0"));
      for (TextCall call : TEXTS) {
        check(call.operation(), 429, post(client, call.path(), JSON, Buffer.buffer(call.body())));
      }
    }
  }

  private static ServerProcess textServer(String option, String value) throws IOException {
    return ServerProcess.start(
        TestFiles.folder("contract"),
        "--plugins",
        plugins.toString(),
        option,
        value,
        "--max-concurrent-requests",
        "1");
  }

  private static Validator schema(String name) {
    JsonObject all =
        new JsonObject()
            .put("$ref", "#/components/schemas/" + name)
            .put("components", published.getJsonObject("components"));
    return Validator.create(
        JsonSchema.of(all),
        new JsonSchemaOptions().setBaseUri("app://contract").setDraft(Draft.DRAFT202012));
  }

  @Test
  @Order(5)
  void whatThereIsIsToldAsTheContractSays() throws IOException {
    check("listPoolers", 200, get("/poolers"));
    check("listDatasets", 200, get("/datasets"));
    check("getHealth", 200, get("/health"));
    check("getReady", 200, get("/ready"));
    check("listNodes", 200, get("/nodes"));
    check("getInfo", 200, get("/info"));
    check("getMetrics", 200, get("/metrics"));
    check("listModels", 200, get("/v1/models"));
    check("getPage", 200, get("/"));
    check("getModelReport", 200, get("/models/tuned/report.html"));
    check("getModelReport", 404, get("/models/other/report.html"));
    check("getModelTraining", 200, get("/models/tuned/training"));
    check("getModelTraining", 404, get("/models/other/training"));
    check("getContract", 200, get("/openapi.json"));
    check("rescanPoolers", 200, client.request(HttpMethod.POST, "/poolers/rescan").send());
    Path deadly = plugins.resolve("deadly.jar");
    TestFiles.writeDeadlyJar(deadly);
    HttpResponse<Buffer> scanned =
        check("rescanPoolers", 200, client.request(HttpMethod.POST, "/poolers/rescan").send());
    assertTrue(json(scanned).getJsonArray("broken").encode().contains("deadly.jar"));
    Files.delete(deadly);
    check("rescanPoolers", 200, client.request(HttpMethod.POST, "/poolers/rescan").send());
  }

  @Test
  @Order(6)
  void aDeskThatIsBusyAnswersAsTheContractSays() throws Exception {
    String hangs = POOL.replace("mean", "hangs");
    for (int i = 0; i < 33; i++) {
      post("/pool", hangs);
    }
    Wait.until(
        "a full desk",
        () -> client.get("/metrics").bodyAsString().lines().anyMatch(ContractIT::deskIsFull));
    check("pool", 429, post("/pool", POOL));
    check("pool", 429, post("/pool?pooler=mean", SAFETENSORS, Buffer.buffer("junk")));
    check("similarity", 429, post("/similarity", PAIRS));
    check("compareRuns", 429, get("/comparison?runs=0123456789abcdef"));
    check("getResults", 429, get("/results"));
    check("getHealth", 200, get("/health"));
  }

  private static boolean deskIsFull(String metric) {
    String name = "poolmark_desk_waiting ";
    return metric.startsWith(name) && Double.parseDouble(metric.substring(name.length())) >= 32;
  }

  @Test
  @Order(7)
  void aServerThatIsAboutToEndAnswersAsTheContractSays() throws Exception {
    String slow = "{\"pooler\":\"slow\",\"dataset\":\"toy\",\"batch_size\":1}";
    client.end(client.start("mean"));
    String running = json(check("createRun", 202, post("/runs", slow))).getString("id");
    Wait.until(
        "the run", () -> client.json("/runs/" + running).getString("status").equals("running"));
    server.askToEnd();
    Wait.until("the server's end to begin", () -> client.get("/ready").statusCode() != 200);
    check("getReady", 503, get("/ready"));
    check("createRun", 503, post("/runs", RUN));
    check("pool", 503, post("/pool", POOL));
    check("similarity", 503, post("/similarity", PAIRS));
    check("rescanPoolers", 503, client.request(HttpMethod.POST, "/poolers/rescan").send());
    for (TextCall call : TEXTS) {
      check(call.operation(), 503, post(call.path(), call.body()));
    }
  }

  /** Those of a database that is away are provoked in {@link CrashIT}. */
  @Test
  @Order(8)
  void everyStatusThatTheContractNamesWasSeen() {
    TreeSet<String> named = new TreeSet<>();
    JsonObject paths = published.getJsonObject("paths");
    for (String path : paths.fieldNames()) {
      for (Map.Entry<String, Object> method : paths.getJsonObject(path)) {
        if (method.getValue() instanceof JsonObject operation) {
          String id = operation.getString("operationId");
          operation.getJsonObject("responses").fieldNames().forEach(s -> named.add(id + " " + s));
        }
      }
    }
    CrashIT.WITHOUT_DATABASE.keySet().forEach(operation -> named.remove(operation + " 503"));
    named.remove("listPoolers 503"); // of a worker that can't be started at all
    assertEquals(named, seen);
    assertEquals(
        contract.operations().stream().map(Operation::getOperationId).collect(Collectors.toSet()),
        seen.stream().map(pair -> pair.split(" ")[0]).collect(Collectors.toSet()));
  }

  private static JsonObject json(HttpResponse<Buffer> answer) {
    return answer.bodyAsJsonObject();
  }

  private static Future<HttpResponse<Buffer>> get(String path) {
    return client.request(HttpMethod.GET, path).send();
  }

  private static Future<HttpResponse<Buffer>> delete(String path) {
    return client.request(HttpMethod.DELETE, path).send();
  }

  private static Future<HttpResponse<Buffer>> post(String path, String json) {
    return post(path, JSON, Buffer.buffer(json));
  }

  private static Future<HttpResponse<Buffer>> post(String path, String type, Buffer body) {
    return post(client, path, type, body);
  }

  private static Future<HttpResponse<Buffer>> post(
      Client client, String path, String type, Buffer body) {
    HttpRequest<Buffer> request = client.request(HttpMethod.POST, path);
    return request.putHeader("Content-Type", type).sendBuffer(body);
  }

  /** Validates an answer, and keeps in mind that it was seen. */
  private static HttpResponse<Buffer> check(
      String operation, int status, Future<HttpResponse<Buffer>> answering) {
    HttpResponse<Buffer> answer = Client.await(answering);
    assertEquals(status, answer.statusCode(), operation + ": " + answer.bodyAsString());
    check(contract, validator, operation, answer);
    seen.add(operation + " " + status);
    return answer;
  }

  static void check(
      OpenAPIContract contract,
      ResponseValidator validator,
      String operation,
      HttpResponse<Buffer> answer) {
    String type = answer.getHeader("Content-Type").split(";")[0];
    if (type.equals(JSON)) {
      Client.await(
          validator.validate(
              ValidatableResponse.create(
                  answer.statusCode(),
                  Map.of("Location", String.valueOf(answer.getHeader("Location"))),
                  answer.body(),
                  type),
              operation));
    } else {
      boolean named =
          contract
              .operation(operation)
              .getResponse(answer.statusCode())
              .getContent()
              .containsKey("text/plain");
      assertTrue(named, operation + " " + type);
    }
  }
}
