package dev.poolmark.evaluator.text;

import dev.poolmark.api.Pooler;
import dev.poolmark.evaluator.batch.BatchPooler;
import dev.poolmark.evaluator.batch.Tokens;
import dev.poolmark.evaluator.encoder.TokenEmbeddings;
import dev.poolmark.evaluator.encoder.TokenEncoder;
import dev.poolmark.evaluator.torch.CompiledPooler;
import dev.poolmark.evaluator.torch.TorchEngine;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Sentences to sentence embeddings: a token encoder, then a pooler. Not to be shared between
 * threads.
 */
public final class SentenceEmbedder implements AutoCloseable {

  private static final long SEED = 42;

  /** Token embeddings of so many characters, about 20 MB in English, are held at once. */
  private static final int WINDOW_CHARACTERS = 1 << 15;

  private final TokenEncoder encoder;
  private final CompiledPooler pooler;
  private final BatchPooler batches;

  /**
   * Compiles the pooler for the encoder's width.
   *
   * @param encoder stays the caller's, to be closed by him
   * @throws dev.poolmark.evaluator.torch.PoolerFault when the pooler can't be compiled
   */
  public SentenceEmbedder(TokenEncoder encoder, Pooler pooler) {
    TorchEngine.start(1);
    this.encoder = encoder;
    this.pooler = CompiledPooler.of(pooler, encoder.dim(), SEED);
    this.batches = BatchPooler.of(this.pooler);
  }

  /**
   * Embeds sentences, of which those of like length go together.
   *
   * @return one a sentence, in the order of the sentences
   * @throws dev.poolmark.evaluator.torch.PoolerFault when the pooler misbehaves
   */
  public List<float[]> embed(List<String> sentences) {
    List<float[]> embeddings = new ArrayList<>(sentences.size());
    for (int from = 0, to; from < sentences.size(); from = to) {
      to = endOfWindow(sentences, from);
      embeddings.addAll(pool(encoder.encode(sentences.subList(from, to), done -> {})));
    }
    return embeddings;
  }

  private int endOfWindow(List<String> sentences, int from) {
    int to = from;
    for (int characters = 0; to < sentences.size() && characters < WINDOW_CHARACTERS; to++) {
      // A token has a character or more, besides the two that mark start and end.
      characters += Math.min(sentences.get(to).length() + 2, encoder.maxTokens());
    }
    return to;
  }

  /** One embedding a sentence, of which those of like length go together. */
  List<float[]> pool(List<TokenEmbeddings> sentences) {
    float[] pooled = batches.pool(new EncodedTokens(sentences, encoder.dim()));
    List<float[]> embeddings = new ArrayList<>(sentences.size());
    for (int i = 0; i < sentences.size(); i++) {
      int width = batches.width();
      embeddings.add(Arrays.copyOfRange(pooled, i * width, (i + 1) * width));
    }
    return embeddings;
  }

  /** Sentences as an encoder leaves them. */
  private record EncodedTokens(List<TokenEmbeddings> sentences, int dim) implements Tokens {
    @Override
    public String name() {
      return "the encoder";
    }

    @Override
    public int count() {
      return sentences.size();
    }

    @Override
    public int length(int sentence) {
      return sentences.get(sentence).tokens();
    }

    @Override
    public void copy(int sentence, ByteBuffer target) {
      float[] values = sentences.get(sentence).values();
      target.asFloatBuffer().put(values);
      target.position(target.position() + values.length * Float.BYTES);
    }
  }

  @Override
  public void close() {
    pooler.close();
  }
}
