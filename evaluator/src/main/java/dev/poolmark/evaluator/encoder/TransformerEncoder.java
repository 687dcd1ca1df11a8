package dev.poolmark.evaluator.encoder;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import dev.poolmark.evaluator.batch.ByLength;
import dev.poolmark.evaluator.files.BadDataException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Function;
import java.util.function.IntConsumer;

/**
 * One tokenizer and one model of the BERT family. Sentences of like length are run together, on all
 * cores.
 */
public final class TransformerEncoder implements TokenEncoder {

  /** Enough for the matrix products to run at full speed, few enough to stay in the cache. */
  private static final int TOKENS_PER_BATCH = 512;

  private static final Map<String, Function<TokenIds, long[]>> INPUTS =
      Map.of(
          "input_ids", TokenIds::ids,
          "attention_mask", TransformerEncoder::ones,
          "token_type_ids", TokenIds::types);

  private final TokenizerSettings settings;
  private final HuggingFaceTokenizer tokenizer;
  private final long vocabularySize;
  private final TokenModel model;
  private final Lanes lanes;

  private TransformerEncoder(
      TokenizerSettings settings,
      HuggingFaceTokenizer tokenizer,
      long vocabularySize,
      TokenModel model) {
    this.settings = settings;
    this.tokenizer = tokenizer;
    this.vocabularySize = vocabularySize;
    this.model = model;
    this.lanes = new Lanes(model.lanes());
  }

  /**
   * Opens a tokenizer and a model, at the same time, and joins them. The model is closed with the
   * encoder.
   *
   * @throws IOException naming the tokenizer's file, where it can't be read
   * @throws BadDataException where the tokenizer has ids that the model knows nothing of
   */
  public static TransformerEncoder open(TokenizerSettings settings, TokenModel.Source source)
      throws IOException {
    FutureTask<HuggingFaceTokenizer> opening = new FutureTask<>(settings::open);
    Thread other = new Thread(opening, "tokenizer");
    other.setDaemon(true);
    other.start();
    TokenModel model = source.open();
    try {
      long ids = settings.vocabularySize();
      if (ids > model.vocabularySize()) {
        throw new BadDataException(
            settings.file(),
            String.format(
                Locale.ROOT, "ids below %d, the rows of the embeddings", model.vocabularySize()),
            String.format(Locale.ROOT, "ids up to %d", ids - 1));
      }
      return new TransformerEncoder(settings, opened(opening), ids, model);
    } catch (IOException | RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private static HuggingFaceTokenizer opened(FutureTask<HuggingFaceTokenizer> opening)
      throws IOException {
    try {
      return opening.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while the tokenizer was read");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException told) {
        throw told;
      } else if (e.getCause() instanceof RuntimeException told) {
        throw told;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  @Override
  public int dim() {
    return model.dim();
  }

  @Override
  public int maxTokens() {
    return settings.maxTokens();
  }

  @Override
  public TokenIds.Truncation truncation() {
    return settings.truncation();
  }

  @Override
  public long vocabularySize() {
    return vocabularySize;
  }

  @Override
  public List<TokenIds> tokenize(List<String> sentences) {
    if (sentences.isEmpty()) {
      return List.of();
    }
    Encoding[] encodings =
        tokenizer.batchEncode(sentences.stream().map(settings::prepared).toList());
    List<TokenIds> ids = new ArrayList<>();
    for (int i = 0; i < encodings.length; i++) {
      if (encodings[i].getIds().length == 0) { // of a tokenizer that marks no start and no end
        throw new BadDataException(
            settings.file(),
            "at least one token of each sentence",
            String.format(Locale.ROOT, "none of '%s'", sentences.get(i)));
      }
      ids.add(TokenIds.of(encodings[i]));
    }
    return ids;
  }

  @Override
  public List<TokenEmbeddings> encodeIds(List<TokenIds> sentences, IntConsumer finished) {
    TokenEmbeddings[] embeddings = new TokenEmbeddings[sentences.size()];
    List<int[]> batches =
        ByLength.batches(
            sentences.size(), i -> sentences.get(i).count(), Integer.MAX_VALUE, TOKENS_PER_BATCH);
    lanes.forEach(
        batches,
        batch -> run(sentences, batch, embeddings),
        batch -> finished.accept(batch.length));
    return Arrays.asList(embeddings);
  }

  @Override
  public void close() {
    lanes.close();
    model.close();
    tokenizer.close();
  }

  /** Before padding, all of a sentence is to be seen. */
  private static long[] ones(TokenIds sentence) {
    long[] ones = new long[sentence.count()];
    Arrays.fill(ones, 1);
    return ones;
  }

  private void run(List<TokenIds> sentences, int[] batch, TokenEmbeddings[] embeddings) {
    int longest = sentences.get(batch[batch.length - 1]).count();
    Map<String, long[]> ids = new HashMap<>();
    for (String input : model.inputs()) {
      ids.put(input, padded(input, sentences, batch, longest));
    }
    model.run(
        ids, batch.length, longest, hidden -> takeApart(hidden, sentences, batch, embeddings));
  }

  /** Rows of ids, filled up with the padding token, masked, of the first type. */
  private long[] padded(String input, List<TokenIds> sentences, int[] batch, int longest) {
    long[] rows = new long[batch.length * longest];
    if (input.equals("input_ids")) {
      Arrays.fill(rows, settings.padId());
    }
    for (int i = 0; i < batch.length; i++) {
      long[] row = Objects.requireNonNull(INPUTS.get(input)).apply(sentences.get(batch[i]));
      System.arraycopy(row, 0, rows, i * longest, row.length);
    }
    return rows;
  }

  private void takeApart(
      FloatBuffer hidden, List<TokenIds> sentences, int[] batch, TokenEmbeddings[] embeddings) {
    int longest = sentences.get(batch[batch.length - 1]).count();
    for (int i = 0; i < batch.length; i++) {
      float[] values = new float[sentences.get(batch[i]).count() * dim()];
      hidden.get(i * longest * dim(), values);
      embeddings[batch[i]] = new TokenEmbeddings(dim(), values);
    }
  }
}
