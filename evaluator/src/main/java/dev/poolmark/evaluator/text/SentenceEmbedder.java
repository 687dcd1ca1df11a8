package dev.poolmark.evaluator.text;

import dev.poolmark.api.Pooler;
import dev.poolmark.evaluator.batch.ByLength;
import dev.poolmark.evaluator.encoder.TokenEmbeddings;
import dev.poolmark.evaluator.encoder.TokenEncoder;
import dev.poolmark.evaluator.torch.CompiledPooler;
import dev.poolmark.evaluator.torch.TokenTensor;
import dev.poolmark.evaluator.torch.TorchEngine;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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

  private static final int BATCH = 64;

  private final TokenEncoder encoder;
  private final CompiledPooler pooler;
  private ByteBuffer buffer = ByteBuffer.allocateDirect(0);

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
    TorchEngine.prepareThread();
    float[][] pooled = new float[sentences.size()][];
    int[] byLength = ByLength.order(pooled.length, i -> sentences.get(i).tokens());
    for (int from = 0; from < byLength.length; from += BATCH) {
      int[] batch = Arrays.copyOfRange(byLength, from, Math.min(from + BATCH, byLength.length));
      pool(sentences, batch, pooled);
    }
    return Arrays.asList(pooled);
  }

  /** One forward pass: the tokens right-padded with zeros to the longest, which is the last. */
  private void pool(List<TokenEmbeddings> sentences, int[] batch, float[][] pooled) {
    int seq = sentences.get(batch[batch.length - 1]).tokens();
    ByteBuffer tokens = padded(sentences, batch, seq);
    try (TokenTensor tensor = new TokenTensor(tokens, batch.length, seq, encoder.dim())) {
      var embeddings = pooler.forward(tensor);
      int dim = embeddings.dim(batch.length);
      float[] values = embeddings.values(batch.length, dim);
      for (int i = 0; i < batch.length; i++) {
        pooled[batch[i]] = Arrays.copyOfRange(values, i * dim, (i + 1) * dim);
      }
    }
  }

  private ByteBuffer padded(List<TokenEmbeddings> sentences, int[] batch, int seq) {
    int rowFloats = seq * encoder.dim();
    int bytes = Math.multiplyExact(batch.length * rowFloats, Float.BYTES);
    if (buffer.capacity() < bytes) {
      buffer = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }
    ByteBuffer tokens = buffer.slice(0, bytes).order(ByteOrder.nativeOrder());
    for (int i = 0; i < batch.length; i++) {
      float[] values = sentences.get(batch[i]).values();
      tokens
          .asFloatBuffer()
          .position(i * rowFloats)
          .put(values)
          .put(new float[rowFloats - values.length]);
    }
    return tokens;
  }

  @Override
  public void close() {
    pooler.close();
  }
}
