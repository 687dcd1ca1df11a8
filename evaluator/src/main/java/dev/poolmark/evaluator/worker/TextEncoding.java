package dev.poolmark.evaluator.worker;

import dev.poolmark.evaluator.encoder.TokenEmbeddings;
import dev.poolmark.evaluator.encoder.TokenIds;
import dev.poolmark.evaluator.folder.ModelFolder;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.text.TextModel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Encodes batches of texts; the model of the last request stays loaded. */
final class TextEncoding {

  private record Key(PluginCatalog plugins, Optional<Path> encoder, Optional<String> pooler) {}

  private record Loaded(Key key, TextModel model) {}

  private final CachePlace cache;
  private @Nullable Loaded last;

  /**
   * @param cache for the bundled encoders, unpacked
   */
  TextEncoding(CachePlace cache) {
    this.cache = cache;
  }

  /** Loads a model, unless it is loaded. */
  void load(PluginCatalog plugins, WorkerRequest.Model named) throws IOException {
    Key wanted =
        new Key(plugins, Optional.ofNullable(named.encoder()), Optional.ofNullable(named.pooler()));
    Loaded before = last;
    if (before != null) {
      if (wanted.equals(before.key())) {
        return;
      }
      last = null;
      before.model().close();
    }
    Optional<ModelFolder> folder =
        wanted.encoder().isEmpty()
            ? Optional.empty()
            : Optional.of(ModelFolder.read(wanted.encoder().get()));
    last = new Loaded(wanted, TextModel.open(folder, wanted.pooler(), plugins, cache.path()));
  }

  private TextModel model() {
    return Objects.requireNonNull(last, "no model is loaded").model();
  }

  /** How texts are put before the model: those of a batch that share it are tokenized together. */
  private record Prompt(WorkerRequest.Role role, @Nullable String name) {

    static Prompt of(WorkerRequest.Text text) {
      return new Prompt(text.role(), text.prompt());
    }

    UnaryOperator<ModelFolder> choice() {
      if (name != null) {
        return folder -> folder.withPrompt(name);
      }
      return switch (role) {
        case QUERY -> ModelFolder::forQueries;
        case DOCUMENT -> ModelFolder::forDocuments;
        case ANY -> UnaryOperator.identity();
      };
    }
  }

  /** One text on its way: its numbers, or why it can't be encoded. */
  private static final class Text {
    final WorkerRequest.Text request;
    @Nullable TokenIds ids;
    @Nullable TokenEmbeddings tokens;
    float @Nullable [] values;
    @Nullable String error;

    Text(WorkerRequest.Text request) {
      this.request = request;
    }

    TokenIds ids() {
      return Objects.requireNonNull(ids, "ids");
    }

    TokenEmbeddings tokens() {
      return Objects.requireNonNull(tokens, "tokens");
    }

    float[] values() {
      return Objects.requireNonNull(values, "values");
    }
  }

  /** Encodes a batch. */
  WorkerEvent.Embedded embed(List<WorkerRequest.Text> requests) throws IOException {
    List<Text> texts = requests.stream().map(Text::new).toList();
    long start = System.nanoTime();
    tokenize(texts);
    long tokenized = System.nanoTime();
    encode(texts.stream().filter(text -> text.error == null).toList());
    return new WorkerEvent.Embedded(
        texts.stream().map(TextEncoding::answer).toList(),
        (tokenized - start) / 1e9,
        (System.nanoTime() - tokenized) / 1e9);
  }

  private void tokenize(List<Text> texts) {
    List<Text> written = texts.stream().filter(text -> text.request.text() != null).toList();
    byPrompt(written)
        .forEach(
            (prompt, alike) -> {
              List<String> words =
                  alike.stream().map(text -> Objects.requireNonNull(text.request.text())).toList();
              List<TokenIds> ids = model().tokenize(words, prompt.choice());
              for (int i = 0; i < ids.size(); i++) {
                alike.get(i).ids = ids.get(i);
              }
            });
    texts.stream().filter(text -> text.ids == null).forEach(this::takeIds);
    texts.stream().filter(text -> text.error == null).forEach(this::fit);
  }

  private static Map<Prompt, List<Text>> byPrompt(List<Text> texts) {
    Map<Prompt, List<Text>> groups = new LinkedHashMap<>();
    for (Text text : texts) {
      groups.computeIfAbsent(Prompt.of(text.request), prompt -> new ArrayList<>()).add(text);
    }
    return groups;
  }

  /** Ids that the model doesn't have would end the whole batch. */
  private void takeIds(Text text) {
    long[] ids =
        Objects.requireNonNull(text.request.ids()).stream().mapToLong(Integer::longValue).toArray();
    for (long id : ids) {
      if (id < 0 || id >= model().vocabularySize()) {
        text.error =
            String.format(
                Locale.ROOT, "expected token ids below %d, found %d", model().vocabularySize(), id);
        return;
      }
    }
    text.ids = TokenIds.of(ids);
  }

  /** Cuts a text that is too long, or refuses it. */
  private void fit(Text text) {
    int max = model().maxTokens();
    TokenIds ids = text.ids();
    if (ids.count() > max && text.request.truncation() == null) {
      text.error =
          String.format(
              Locale.ROOT, "`inputs` must have at most %d tokens. Given: %d", max, ids.count());
      return;
    }
    boolean left = text.request.truncation() == WorkerRequest.Truncation.LEFT;
    text.ids = ids.truncated(max, left ? TokenIds.Truncation.LEFT : TokenIds.Truncation.RIGHT);
  }

  private void encode(List<Text> texts) throws IOException {
    List<TokenEmbeddings> tokens = model().encode(texts.stream().map(Text::ids).toList());
    for (int i = 0; i < tokens.size(); i++) {
      texts.get(i).tokens = tokens.get(i);
    }
    texts.stream()
        .filter(text -> text.request.all())
        .forEach(text -> text.values = text.tokens().values());
    List<Text> pooled = texts.stream().filter(text -> !text.request.all()).toList();
    for (Map.Entry<Prompt, List<Text>> alike : byPrompt(pooled).entrySet()) {
      List<float[]> embeddings =
          model()
              .pool(alike.getValue().stream().map(Text::tokens).toList(), alike.getKey().choice());
      for (int i = 0; i < embeddings.size(); i++) {
        alike.getValue().get(i).values = embeddings.get(i);
      }
    }
  }

  private static WorkerEvent.Text answer(Text text) {
    return text.error == null
        ? new WorkerEvent.Text(text.ids().count(), base64(text.values()), null)
        : new WorkerEvent.Text(0, null, text.error);
  }

  private static String base64(float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return Base64.getEncoder().encodeToString(bytes.array());
  }
}
