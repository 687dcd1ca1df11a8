package dev.poolmark.evaluator.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.plugin.PluginCatalog;
import dev.poolmark.evaluator.tuning.TrialTask;
import dev.poolmark.evaluator.tuning.TrialWork;
import dev.poolmark.evaluator.worker.CommandHost;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** One task of a tuning, in a process of its own. */
@Command(
    name = "trial",
    hidden = true,
    mixinStandardHelpOptions = true,
    description = "Do one task of 'tune', which starts this itself, and print its answer as JSON.")
final class TrialCommand implements Callable<Integer> {

  private static final ObjectMapper JSON = new ObjectMapper();

  @Spec private CommandSpec spec;
  @Mixin private DataOptions data;
  @Mixin private PluginOptions plugins;
  @Mixin private TuneOptions options;

  /** Which is the tuning's own: an answer is always JSON. */
  @Mixin
  @SuppressWarnings("UnusedVariable")
  private FormatOption format;

  @Option(names = "--task", paramLabel = "JSON", required = true, description = "The task.")
  private String task;

  @Override
  public Integer call() throws IOException {
    TrialTask wanted = JSON.readValue(task, TrialTask.class);
    CommandHost host = Poolmark.host(spec);
    PluginCatalog catalog = data.poolers(plugins.catalog());
    try (TokenStore store = data.open()) {
      Optional<TokenStore> dev = options.openDev(data);
      try {
        TrialWork work =
            new TrialWork(
                store,
                data::sources,
                dev,
                catalog,
                options.formula(),
                options.out.resolve("work"),
                options.devShare,
                pooler -> host.trying(pooler.text(), catalog.origin(pooler), true),
                host::onCancel);
        spec.commandLine().getOut().println(JSON.writeValueAsString(work.run(wanted)));
      } finally {
        dev.ifPresent(TokenStore::close);
      }
    }
    return ExitCode.DONE;
  }
}
