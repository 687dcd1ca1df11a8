package dev.poolmark.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The options of {@code serve}, and their variables. */
class ServeCommandTest {

  static Stream<String> options() {
    return new CommandLine(new ServeCommand())
        .getCommandSpec().options().stream()
            .filter(option -> !option.usageHelp() && !option.versionHelp())
            .map(OptionSpec::longestName);
  }

  @ParameterizedTest
  @MethodSource("options")
  void anOptionHasAVariable(String name) {
    String text = text(new CommandLine(new ServeCommand()).getCommandSpec().findOption(name));
    assertEquals(parsed(Map.of(), words(name, text)), parsed(Map.of(variable(name), text), name));
  }

  @ParameterizedTest
  @MethodSource("options")
  void theCommandLineGoesBeforeTheVariable(String name) {
    OptionSpec option = new CommandLine(new ServeCommand()).getCommandSpec().findOption(name);
    String text = text(option);
    String other = isFlag(option) ? text : option.type().isEnum() ? "text" : "8";
    assertEquals(
        parsed(Map.of(), words(name, text)),
        parsed(Map.of(variable(name), other), words(name, text)));
  }

  @Test
  void aVariableThatIsEmptyIsRefusedByItsName() {
    CommandLine.ParameterException refused =
        assertThrows(
            CommandLine.ParameterException.class,
            () -> parsed(Map.of("POOLMARK_TOKEN", ""), "--token"));
    assertTrue(
        refused.getMessage().contains("POOLMARK_TOKEN: expected a value"), refused.getMessage());
  }

  static String variable(String option) {
    return "POOLMARK_" + option.substring(2).replace('-', '_').toUpperCase(java.util.Locale.ROOT);
  }

  private static String[] words(String name, String text) {
    return text.equals("true") ? new String[] {name, name} : new String[] {name, name, text};
  }

  private static boolean isFlag(OptionSpec option) {
    return option.type() == boolean.class;
  }

  private static String text(OptionSpec option) {
    if (isFlag(option)) {
      return "true";
    }
    return option.type().isEnum() ? "json" : "7";
  }

  /**
   * The values of an option.
   *
   * @param words the option's name, then the command line
   */
  private static Object parsed(Map<String, String> environment, String... words) {
    CommandLine line =
        new CommandLine(new ServeCommand())
            .setDefaultValueProvider(new EnvironmentDefaults(environment))
            .setCaseInsensitiveEnumValuesAllowed(true);
    line.parseArgs(List.of(words).subList(1, words.length).toArray(String[]::new));
    Object value = line.getCommandSpec().findOption(words[0]).getValue();
    return value instanceof Path path ? path.toString() : value;
  }
}
