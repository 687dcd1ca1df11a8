package dev.poolmark.evaluator.text;

import dev.poolmark.evaluator.encoder.BundledEncoders;
import dev.poolmark.evaluator.encoder.EncoderSource;
import dev.poolmark.evaluator.encoder.PromptedEncoder;
import dev.poolmark.evaluator.encoder.TokenEmbeddings;
import dev.poolmark.evaluator.encoder.TokenIds;
import dev.poolmark.evaluator.folder.ModelFolder;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.plugin.PoolerSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * What turns texts into embeddings: a model folder of sentence-transformers, or the bundled
 * encoders joined, and a pooler on its tokens. Not to be shared between threads.
 */
public final class TextModel implements AutoCloseable {

  private static final String BUNDLED_POOLER = "mean";

  private final Optional<ModelFolder> folder;
  private final PromptedEncoder encoder;
  private final PluginCatalog plugins;
  private final PoolerSpec pooler;

  /** By prompt, for some models leave the prompt's tokens out of their pooling. */
  private final Map<String, SentenceEmbedder> embedders = new HashMap<>();

  /**
   * What can be told of a model without loading it.
   *
   * @param name the folder's, or those of the bundled encoders
   * @param pooler the spec of what pools the tokens
   * @param maxTokens a text is cut to so many, those that mark its start and end included
   * @param prompts names of the prompts that a text can be put behind
   */
  public record Description(String name, String pooler, int maxTokens, Set<String> prompts) {
    public Description {
      prompts = Set.copyOf(prompts);
    }
  }

  /**
   * Reads and checks all of a model folder but its weights.
   *
   * @param folder the bundled encoders where absent
   * @param pooler a spec; where absent, the folder's own pooling, or the mean
   * @throws dev.poolmark.evaluator.files.BadDataException where the folder is none
   */
  public static Description describe(Optional<Path> folder, Optional<String> pooler)
      throws IOException {
    if (folder.isEmpty()) {
      return new Description(
          BundledEncoders.MINILM + "+" + BundledEncoders.BGE,
          pooler.orElse(BUNDLED_POOLER),
          BundledEncoders.MAX_TOKENS,
          Set.of());
    }
    ModelFolder model = ModelFolder.read(folder.get());
    return new Description(
        model.name(), pooler.orElse(ModelFolder.POOLER), model.maxTokens(), model.promptNames());
  }

  /**
   * Loads a model.
   *
   * @param folder the bundled encoders where absent
   * @param pooler a spec; where absent, the folder's own pooling, or the mean
   * @param cache a folder for the bundled encoders, unpacked
   * @throws dev.poolmark.evaluator.plugin.BadSpecException where there is no such pooler
   */
  public static TextModel open(
      Optional<ModelFolder> folder, Optional<String> pooler, PluginCatalog plugins, Path cache)
      throws IOException {
    EncoderSource source = folder.isEmpty() ? BundledEncoders.source(cache) : folder.get();
    PoolerSpec spec = PoolerSpec.parse(pooler.orElse(ownPooler(folder)));
    TextModel opened = new TextModel(folder, source.open(), plugins, spec);
    try {
      opened.embedder(UnaryOperator.identity());
      return opened;
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  /** The spec of what pools a model's tokens where no other pooler is asked for. */
  public static String ownPooler(Optional<ModelFolder> folder) {
    return folder.isEmpty() ? BUNDLED_POOLER : ModelFolder.POOLER;
  }

  private TextModel(
      Optional<ModelFolder> folder,
      PromptedEncoder encoder,
      PluginCatalog plugins,
      PoolerSpec pooler) {
    this.folder = folder;
    this.encoder = encoder;
    this.plugins = plugins;
    this.pooler = pooler;
  }

  /** A text is to be cut to so many ids. */
  public int maxTokens() {
    return encoder.maxTokens();
  }

  /** Token ids are below this. */
  public long vocabularySize() {
    return encoder.vocabularySize();
  }

  /**
   * Texts behind a prompt as ids, not cut.
   *
   * @param prompted picks a folder's prompt; the bundled encoders have none
   */
  public List<TokenIds> tokenize(List<String> texts, UnaryOperator<ModelFolder> prompted) {
    return encoder.withPrompt(prompt(prompted)).tokenize(texts);
  }

  /** Token embeddings of texts, each of at most {@link #maxTokens} ids. */
  public List<TokenEmbeddings> encode(List<TokenIds> texts) {
    return encoder.encodeIds(texts, done -> {});
  }

  /**
   * One embedding a text.
   *
   * @throws dev.poolmark.evaluator.torch.PoolerFault when the pooler misbehaves
   */
  public List<float[]> pool(List<TokenEmbeddings> texts, UnaryOperator<ModelFolder> prompted)
      throws IOException {
    return embedder(prompted).pool(texts);
  }

  /**
   * The whole way from sentences to embeddings, with one of the prompts; closed with the model.
   *
   * @throws dev.poolmark.evaluator.torch.PoolerFault when the pooler can't be compiled
   */
  public SentenceEmbedder embedder(UnaryOperator<ModelFolder> prompted) throws IOException {
    String prompt = prompt(prompted);
    SentenceEmbedder embedder = embedders.get(prompt);
    if (embedder == null) {
      PluginCatalog catalog = plugins;
      if (folder.isPresent()) {
        ModelFolder model = prompted.apply(folder.get());
        catalog = plugins.with(model.pooler(), model.path());
      }
      embedder =
          new SentenceEmbedder(
              encoder.withPrompt(prompt), catalog.create(pooler, encoder.dim()).pooler());
      embedders.put(prompt, embedder);
    }
    return embedder;
  }

  private String prompt(UnaryOperator<ModelFolder> prompted) {
    return folder.map(prompted).map(ModelFolder::prompt).orElse("");
  }

  @Override
  public void close() {
    embedders.values().forEach(SentenceEmbedder::close);
    encoder.close();
  }
}
