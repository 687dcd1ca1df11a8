package dev.poolmark.server;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketClientOptions;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.client.HttpRequest;
import io.vertx.ext.web.client.HttpResponse;
import io.vertx.ext.web.client.WebClient;
import io.vertx.ext.web.client.WebClientOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** Somebody who uses a server, and waits for its answers. */
final class Client {

  private static final int MOST_SOCKETS = 2000;

  private final WebClient http;
  private final WebSocketClient sockets;
  private final int port;

  Client(Vertx vertx, ServerProcess server) {
    this.port = server.port();
    this.http =
        WebClient.create(
            vertx,
            new WebClientOptions()
                .setDefaultHost("127.0.0.1")
                .setDefaultPort(port)
                .setFollowRedirects(false),
            new PoolOptions().setHttp1MaxSize(64));
    this.sockets =
        vertx.createWebSocketClient(new WebSocketClientOptions().setMaxConnections(MOST_SOCKETS));
  }

  HttpResponse<Buffer> get(String path) {
    return await(request(HttpMethod.GET, path).send());
  }

  JsonObject json(String path) {
    return get(path).bodyAsJsonObject();
  }

  HttpResponse<Buffer> post(String path, JsonObject body) {
    return await(request(HttpMethod.POST, path).sendJsonObject(body));
  }

  HttpResponse<Buffer> post(String path, String type, Buffer body) {
    return await(request(HttpMethod.POST, path).putHeader("Content-Type", type).sendBuffer(body));
  }

  HttpResponse<Buffer> delete(String path) {
    return await(request(HttpMethod.DELETE, path).send());
  }

  HttpRequest<Buffer> request(HttpMethod method, String path) {
    return http.request(method, path);
  }

  /** Queues a run on the toy data; returns its id. */
  String start(String pooler) {
    return start(new JsonObject().put("pooler", pooler).put("dataset", "toy"));
  }

  String start(JsonObject request) {
    HttpResponse<Buffer> answer = post("/runs", request);
    if (answer.statusCode() != 202) {
      throw new IllegalStateException(answer.statusCode() + " " + answer.bodyAsString());
    }
    return answer.bodyAsJsonObject().getString("id");
  }

  /** The run when it has ended. */
  JsonObject end(String id) {
    watch(id);
    return json("/runs/" + id);
  }

  /** All messages of a run's WebSocket; the last element is the code that it was closed with. */
  JsonArray watch(String id) {
    List<JsonObject> messages = new ArrayList<>();
    int closedWith = await(follow(id, messages::add));
    return new JsonArray(new ArrayList<>(messages)).add(closedWith);
  }

  /** Follows a run's WebSocket; returns the code that it was closed with, or -1. */
  Future<Integer> follow(String id, Consumer<JsonObject> onMessage) {
    return sockets
        .connect(
            new WebSocketConnectOptions()
                .setHost("127.0.0.1")
                .setPort(port)
                .setURI("/runs/" + id + "/progress"))
        .compose(
            socket ->
                Future.future(
                    closed -> {
                      socket.textMessageHandler(text -> onMessage.accept(new JsonObject(text)));
                      socket.closeHandler(
                          unused ->
                              closed.complete(
                                  socket.closeStatusCode() == null
                                      ? -1
                                      : (int) socket.closeStatusCode()));
                    }));
  }

  WebSocketClient sockets() {
    return sockets;
  }

  static <T> T await(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(120, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }
}
