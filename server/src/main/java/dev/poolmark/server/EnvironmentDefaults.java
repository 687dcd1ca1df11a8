package dev.poolmark.server;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/**
 * Gives an option the value of its environment variable: {@code --max-queued} that of {@code
 * POOLMARK_MAX_QUEUED}. What stands on the command line goes first.
 */
public final class EnvironmentDefaults implements IDefaultValueProvider {

  private final Map<String, String> environment;

  /** By the environment of this process. */
  public EnvironmentDefaults() {
    this(System.getenv());
  }

  EnvironmentDefaults(Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
  }

  /**
   * A variable that is set and empty is not passed over: a secret that could not be read would
   * leave the server open.
   *
   * @throws ParameterException where it is empty
   */
  @Override
  public @Nullable String defaultValue(ArgSpec argument) {
    if (!(argument instanceof OptionSpec option) || option.usageHelp() || option.versionHelp()) {
      return null;
    }
    String variable = variable(option);
    String value = environment.get(variable);
    if (value != null && value.isBlank()) {
      throw new ParameterException(
          option.command().commandLine(),
          variable + ": expected a value, found an empty one; unset it");
    }
    return value;
  }

  static String variable(OptionSpec option) {
    return "POOLMARK_"
        + option.longestName().substring("--".length()).replace('-', '_').toUpperCase(Locale.ROOT);
  }
}
