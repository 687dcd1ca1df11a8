package dev.poolmark.evaluator.folder;

import dev.poolmark.api.PoolerProvider;
import dev.poolmark.evaluator.dataset.Side;
import dev.poolmark.evaluator.encoder.EncoderSource;
import dev.poolmark.evaluator.encoder.PromptedEncoder;
import dev.poolmark.evaluator.encoder.TokenIds;
import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.files.JsonFile;
import dev.poolmark.evaluator.transformer.Layers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A model as sentence-transformers saves it: a transformer, which encodes, and behind it a pooling
 * with or without further modules, which is the pooler {@link #POOLER}.
 *
 * <p>All of the folder is read and checked but the transformer's weights, which {@link #open}
 * loads. Every fault is a {@link BadDataException} that names file and key.
 */
public final class ModelFolder implements EncoderSource {

  /** The spec of the folder's own pooling. */
  public static final String POOLER = "folder";

  private static final List<String> FOR_QUERIES = List.of("query");
  private static final List<String> FOR_DOCUMENTS = List.of("document", "passage", "corpus");

  private final Path folder;
  private final TransformerConfig transformer;
  private final PoolingConfig pooling;
  private final List<Stage> head;
  private final Prompts prompts;
  private final String prompt;
  private final boolean chosen;

  private ModelFolder(
      Path folder,
      TransformerConfig transformer,
      PoolingConfig pooling,
      List<Stage> head,
      Prompts prompts,
      String prompt,
      boolean chosen) {
    this.folder = folder;
    this.transformer = transformer;
    this.pooling = pooling;
    this.head = head;
    this.prompts = prompts;
    this.prompt = prompt;
    this.chosen = chosen;
  }

  /** Reads a folder, with its own default prompt and the last layer of its usual weights. */
  public static ModelFolder read(Path folder) throws IOException {
    return read(folder, EncoderChoice.USUAL);
  }

  /** Reads a folder, with its own default prompt. */
  public static ModelFolder read(Path folder, EncoderChoice choice) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new BadDataException(folder, "a model folder", "no such folder");
    }
    List<FolderModule> modules = FolderModule.read(folder);
    Prompts prompts = Prompts.read(folder);
    TransformerConfig transformer = TransformerConfig.read(modules.get(0).folder(), choice);
    PoolingConfig pooling =
        modules.size() == 1
            ? transformer.usualPooling()
            : PoolingConfig.read(modules.get(1).folder(), transformer.dim());
    List<Stage> head =
        head(
            modules.subList(Math.min(2, modules.size()), modules.size()),
            pooling.modes().size() * transformer.width());
    String prompt = prompts.firstOf(List.of());
    return new ModelFolder(folder, transformer, pooling, head, prompts, prompt, false);
  }

  /** The modules behind the pooling, which is {@code dim} wide. */
  private static List<Stage> head(List<FolderModule> modules, int dim) throws IOException {
    List<Stage> stages = new ArrayList<>();
    int width = dim;
    for (FolderModule module : modules) {
      stages.add(
          module.kind() == FolderModule.Kind.DENSE
              ? DenseReader.read(module.folder(), "dense" + stages.size(), width)
              : normalize(module.folder(), width));
      width = stages.get(stages.size() - 1).outputDim();
    }
    return List.copyOf(stages);
  }

  /** Only newer versions save settings of it. */
  private static Stage normalize(Path folder, int width) throws IOException {
    Path file = folder.resolve("config.json");
    if (Files.exists(file)) {
      FolderModule.checkWorksOnSentences(JsonFile.read(file, "the Normalize module's settings"));
    }
    return new Stage.Normalize(width);
  }

  /** Which of its weights are run, and which layers are the embeddings. */
  public String description() {
    return transformer.description();
  }

  /** Where it is. */
  public Path path() {
    return folder.toAbsolutePath().normalize();
  }

  /** The folder's own name. */
  public String name() {
    return path().getFileName().toString();
  }

  /** How its embeddings are to be compared: {@code cosine}, {@code dot}, … */
  public String similarity() {
    return prompts.similarity();
  }

  /** The prompts that it has. */
  public Set<String> promptNames() {
    return prompts.texts().keySet();
  }

  /** The same with one of its prompts, for queries and documents as well. */
  public ModelFolder withPrompt(String name) {
    return prompted(prompts.text(name), true);
  }

  /** The same with its prompt for queries, if it has one and no other was chosen. */
  public ModelFolder forQueries() {
    return chosen ? this : prompted(prompts.firstOf(FOR_QUERIES), false);
  }

  /** The same with its prompt for documents, if it has one and no other was chosen. */
  public ModelFolder forDocuments() {
    return chosen ? this : prompted(prompts.firstOf(FOR_DOCUMENTS), false);
  }

  private ModelFolder prompted(String text, boolean asChosen) {
    return new ModelFolder(folder, transformer, pooling, head, prompts, text, asChosen);
  }

  /** The same with the prompt that it has for sentences of this side. */
  public ModelFolder forSide(Side side) {
    return switch (side) {
      case FIRST, SECOND -> this;
      case ANCHOR -> forQueries();
      case POSITIVE, NEGATIVE, CORPUS -> forDocuments();
    };
  }

  @Override
  public String prompt(Side side) {
    return forSide(side).prompt();
  }

  /** The text before every sentence; perhaps empty. */
  public String prompt() {
    return prompt;
  }

  @Override
  public int dim() {
    return transformer.width();
  }

  /** A sentence is cut to so many tokens. */
  public int maxTokens() {
    return transformer.tokenizer().maxTokens();
  }

  @Override
  public String fingerprint() throws IOException {
    return String.format(
        Locale.ROOT,
        "%s:%d:%b:%s%s",
        transformer.contentHash(),
        maxTokens(),
        transformer.tokenizer().lowerCase(),
        transformer.layers(),
        transformer.tokenizer().truncation() == TokenIds.Truncation.LEFT ? ":left" : "");
  }

  /**
   * The files by which transformers and sentence-transformers load the encoder, its prompts among
   * them; no two have the same name.
   *
   * @throws BadDataException where there are no weights that they can load, or another layer than
   *     the last one was chosen
   */
  public List<Path> published() throws IOException {
    if (!transformer.layers().equals(Layers.LAST)) {
      throw new BadDataException(
          folder,
          "the last layer, whose states sentence-transformers takes",
          transformer.layers().toString());
    }
    List<Path> files = new ArrayList<>(transformer.published());
    Path settings = folder.resolve(Prompts.FILE);
    if (Files.isRegularFile(settings)
        && files.stream().noneMatch(file -> file.endsWith(Prompts.FILE))) {
      files.add(settings);
    }
    return files;
  }

  @Override
  public PromptedEncoder open() throws IOException {
    return new PromptedEncoder(transformer.open(), prompt);
  }

  /** The pooling and what follows it. */
  public PoolerProvider pooler() throws IOException {
    int skipped = pooling.includesPrompt() ? 0 : transformer.tokenizer().tokensOfPrompt(prompt);
    List<Stage> stages = new ArrayList<>();
    stages.add(new Stage.Pooling(pooling.modes(), dim(), skipped));
    stages.addAll(head);
    return new FolderPooler(List.copyOf(stages));
  }
}
