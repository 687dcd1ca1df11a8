package dev.poolmark.server.http.text;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.poolmark.evaluator.worker.WorkerRequest.Role;
import dev.poolmark.server.http.answer.ApiException;
import dev.poolmark.server.http.answer.Json;
import dev.poolmark.server.http.place.Places;
import dev.poolmark.server.text.EmbedOptions;
import dev.poolmark.server.text.Embedding;
import dev.poolmark.server.text.Encoder;
import dev.poolmark.server.text.EncoderFault;
import dev.poolmark.server.text.EncoderOptions;
import dev.poolmark.server.text.NoRoomException;
import dev.poolmark.server.text.RefusedTextException;
import dev.poolmark.server.text.Text;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Texts to embeddings, with the bodies of text-embeddings-inference and of OpenAI. Bodies are read
 * and answers written by workers: both may be large, and the event loop must not wait.
 */
public final class TextRoutes {

  /** Of a body with texts: as many as OpenAI's clients send at once, of some paragraphs each. */
  public static final long MAX_BODY_BYTES = 8 << 20;

  /** Of the bodies of all requests that are under way. */
  private static final long MAX_BYTES = 128 << 20;

  private static final String OVER = "over";

  private final Vertx vertx;
  private final Encoder encoder;
  private final MeterRegistry metrics;
  private final Places places;

  public TextRoutes(Vertx vertx, Encoder encoder, MeterRegistry metrics) {
    this.vertx = vertx;
    this.encoder = encoder;
    this.metrics = metrics;
    this.places =
        new Places("the model is overloaded", encoder.options().maxConcurrentRequests(), MAX_BYTES);
    Gauge.builder("poolmark.text.requests.open", places, Places::taken)
        .description("Requests for texts that are under way")
        .register(metrics);
  }

  public void embed(RoutingContext context) {
    ask(context, this::embeddings);
  }

  public void embedAll(RoutingContext context) {
    ask(context, this::tokenEmbeddings);
  }

  public void rerank(RoutingContext context) {
    ask(context, this::ranks);
  }

  public void openAiEmbeddings(RoutingContext context) {
    ask(context, this::openAiEmbeddings);
  }

  /** What clients post that know only the server's address: texts, or a sentence and others. */
  public void root(RoutingContext context) {
    ask(context, body -> body.hasObject("inputs") ? similarities(body) : embeddings(body));
  }

  /**
   * @param reading completes with the body, which is read once the request has its place
   * @return completes once the request has its answer
   */
  public Future<Void> similarity(RoutingContext context, Supplier<Future<Buffer>> reading) {
    take(context);
    return reading.get().compose(body -> answered(context, body, this::similarities));
  }

  /** Takes the place of a request before its body is read. */
  public void takePlace(RoutingContext context) {
    take(context);
    context.next();
  }

  private void take(RoutingContext context) {
    Future<Void> over = places.take(context, MAX_BODY_BYTES);
    over.onComplete(sent -> count(context));
    context.put(OVER, over);
  }

  private void ask(RoutingContext context, Function<TextBody, Question> reader) {
    Buffer body = context.body().buffer();
    answered(context, body == null ? Buffer.buffer() : body, reader).onFailure(context::fail);
  }

  private Future<Void> answered(
      RoutingContext context, Buffer body, Function<TextBody, Question> reader) {
    long start = System.nanoTime();
    Future<Void> over = context.get(OVER);
    return vertx
        .executeBlocking(() -> reader.apply(TextBody.parse(body, encoder.options())), false)
        .compose(question -> answer(context, question, start, over))
        .recover(failure -> Future.failedFuture(asAnswer(failure)));
  }

  private void count(RoutingContext context) {
    metrics
        .counter(
            "poolmark.text.requests",
            "route",
            context.request().path(),
            "status",
            Integer.toString(context.response().getStatusCode()))
        .increment();
  }

  private Future<Void> answer(
      RoutingContext context, Question question, long start, Future<Void> over) {
    return encoder
        .encode(question.texts(), over)
        .compose(
            encoded ->
                vertx
                    .executeBlocking(() -> question.answer(encoded), false)
                    .compose(
                        answer -> {
                          putHeaders(context.response(), question.texts(), encoded, start);
                          return Json.answer(context, 200, answer);
                        }));
  }

  private static Throwable asAnswer(Throwable failure) {
    if (failure instanceof RefusedTextException) {
      return ApiException.refused(String.valueOf(failure.getMessage()));
    } else if (failure instanceof NoRoomException) {
      return ApiException.overloaded(String.valueOf(failure.getMessage()));
    } else if (failure instanceof EncoderFault) {
      return ApiException.backend(String.valueOf(failure.getMessage()));
    }
    return failure;
  }

  /** Times in milliseconds, those of a text's way as the mean over all. */
  private static void putHeaders(
      HttpServerResponse response, List<Text> texts, List<Embedding> encoded, long start) {
    String total = Long.toString((System.nanoTime() - start) / 1_000_000);
    response
        .putHeader("x-compute-type", "cpu")
        .putHeader("x-compute-time", total)
        .putHeader(
            "x-compute-characters",
            Integer.toString(texts.stream().mapToInt(Text::characters).sum()))
        .putHeader("x-compute-tokens", Integer.toString(tokens(encoded)))
        .putHeader("x-total-time", total)
        .putHeader("x-tokenization-time", mean(encoded, Embedding::tokenizationSeconds))
        .putHeader("x-queue-time", mean(encoded, Embedding::queueSeconds))
        .putHeader("x-inference-time", mean(encoded, Embedding::inferenceSeconds));
  }

  private static String mean(List<Embedding> encoded, ToDoubleFunction<Embedding> seconds) {
    return Long.toString(
        Math.round(1000 * encoded.stream().mapToDouble(seconds).average().orElse(0)));
  }

  private static int tokens(List<Embedding> encoded) {
    return encoded.stream().mapToInt(Embedding::tokens).sum();
  }

  private Question embeddings(TextBody body) {
    boolean normalize = body.flag("normalize", true);
    Integer dimensions = body.dimensions();
    return new Question(
        body.inputs("inputs", body.how(Role.ANY, false), maxBatch()),
        (json, texts) -> {
          json.writeStartArray();
          for (Embedding text : texts) {
            float[] values = Vectors.shortened(text.values(), dimensions);
            write(json, normalize ? Vectors.normalized(values) : values);
          }
          json.writeEndArray();
        });
  }

  private Question tokenEmbeddings(TextBody body) {
    int most = Math.min(maxBatch(), EncoderOptions.MAX_TOKEN_BATCH_SIZE);
    return new Question(
        body.inputs("inputs", body.how(Role.ANY, true), most),
        (json, texts) -> {
          json.writeStartArray();
          for (Embedding text : texts) {
            float[] values = text.values();
            int dim = values.length / text.tokens();
            json.writeStartArray();
            for (int token = 0; token < text.tokens(); token++) {
              write(json, values, token * dim, dim);
            }
            json.writeEndArray();
          }
          json.writeEndArray();
        });
  }

  /** The cosine of a sentence and each of the others. */
  private Question similarities(TextBody body) {
    TextBody inputs = body.object("inputs");
    EmbedOptions how = body.object("parameters").how(Role.ANY, false);
    return new Question(
        firstAndOthers(inputs.text("source_sentence", how), inputs.texts("sentences", how)),
        (json, texts) -> {
          json.writeStartArray();
          for (double cosine : cosinesWithFirst(texts)) {
            json.writeNumber((float) cosine);
          }
          json.writeEndArray();
        });
  }

  /**
   * Texts by how well they answer a query: here, by their cosine. It is the raw score; else it is
   * put into 0 to 1, where the scores of cross-encoders are.
   */
  private Question ranks(TextBody body) {
    boolean raw = body.flag("raw_scores", false);
    boolean returnText = body.flag("return_text", false);
    List<Text> candidates = body.texts("texts", body.how(Role.DOCUMENT, false));
    return new Question(
        firstAndOthers(body.text("query", body.how(Role.QUERY, false)), candidates),
        (json, texts) -> {
          double[] cosines = cosinesWithFirst(texts);
          json.writeStartArray();
          for (int index : byFallingValue(cosines)) {
            json.writeStartObject();
            json.writeNumberField("index", index);
            if (returnText) {
              json.writeStringField("text", ((Text.Written) candidates.get(index)).text());
            }
            json.writeNumberField(
                "score", (float) (raw ? cosines[index] : (1 + cosines[index]) / 2));
            json.writeEndObject();
          }
          json.writeEndArray();
        });
  }

  private Question openAiEmbeddings(TextBody body) {
    body.checkString("model");
    body.checkString("user");
    boolean base64 = body.choice("encoding_format", "float", "base64").equals("base64");
    Integer dimensions = body.dimensions();
    return new Question(
        body.inputs("input", body.how(Role.ANY, false), maxBatch()),
        (json, texts) -> {
          json.writeStartObject();
          json.writeStringField("object", "list");
          json.writeArrayFieldStart("data");
          for (int i = 0; i < texts.size(); i++) {
            json.writeStartObject();
            json.writeStringField("object", "embedding");
            json.writeNumberField("index", i);
            json.writeFieldName("embedding");
            float[] values =
                Vectors.normalized(Vectors.shortened(texts.get(i).values(), dimensions));
            if (base64) {
              json.writeString(base64(values));
            } else {
              write(json, values);
            }
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeStringField("model", encoder.options().model().name());
          json.writeObjectFieldStart("usage");
          json.writeNumberField("prompt_tokens", tokens(texts));
          json.writeNumberField("total_tokens", tokens(texts));
          json.writeEndObject();
          json.writeEndObject();
        });
  }

  private int maxBatch() {
    return encoder.options().maxClientBatchSize();
  }

  private static List<Text> firstAndOthers(Text first, List<Text> others) {
    List<Text> all = new ArrayList<>(others.size() + 1);
    all.add(first);
    all.addAll(others);
    return all;
  }

  private static double[] cosinesWithFirst(List<Embedding> texts) {
    float[] first = texts.get(0).values();
    return texts.stream().skip(1).mapToDouble(t -> Vectors.cosine(first, t.values())).toArray();
  }

  /** Which is the highest, the next, and so on; the earlier of two that are equal first. */
  private static List<Integer> byFallingValue(double[] values) {
    return IntStream.range(0, values.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -values[i]))
        .toList();
  }

  private static void write(JsonGenerator json, float[] values) throws IOException {
    write(json, values, 0, values.length);
  }

  private static void write(JsonGenerator json, float[] values, int from, int count)
      throws IOException {
    json.writeStartArray();
    for (int i = from; i < from + count; i++) {
      json.writeNumber(values[i]);
    }
    json.writeEndArray();
  }

  private static String base64(float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return Base64.getEncoder().encodeToString(bytes.array());
  }

  /** What {@code /info} tells of texts, with the names of text-embeddings-inference. */
  public JsonObject info() {
    EncoderOptions options = encoder.options();
    return new JsonObject()
        .put("model_id", options.model().name())
        .put("model_sha", null)
        .put("model_dtype", "float32")
        .put(
            "model_type",
            new JsonObject()
                .put("embedding", new JsonObject().put("pooling", options.model().pooler())))
        .put("max_concurrent_requests", options.maxConcurrentRequests())
        .put("max_input_length", options.model().maxTokens())
        .put("max_batch_tokens", options.maxBatchTokens())
        .put("max_batch_requests", null)
        .put("max_client_batch_size", options.maxClientBatchSize())
        .put("auto_truncate", options.autoTruncate())
        .put("tokenization_workers", options.threads());
  }
}
