package dev.poolmark.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.evaluator.cli.Poolmark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The English of the manuals, of {@code --help}, of the page and of the API's contract. */
class PlainEnglishTest {

  /** Surefire starts in the module. */
  private static final Path SOURCE = Path.of("..").toAbsolutePath().normalize();

  /** What readers stumbled over, each a pattern for the whole of it. */
  private static final Pattern STUMBLES =
      Pattern.compile(
          String.join(
              "|",
              "\\btongues?\\b",
              "\\bseek(?:s|ing)?\\b",
              "\\bwhat comes\\b",
              "\\bask(?:s|ed|ing)? for\\b",
              "\\bth(?:at|ose) of\\b",
              "\\bhangs? (?:on|by)\\b",
              "\\bparted by\\b",
              // "for" where "because" is meant
              "[,;] for (?:the|they|it|he|she|we|you|this|these|those|there|what|each|a|an)\\b",
              // rates: "one line for each trial", "microseconds per sentence"
              "\\b(?:a|an|one|each) \\w+ an? (?:sentence|second|row|line|trial|text|request|run)\\b",
              "\\b(?:tokens|sentences|microseconds|µs|texts|lines|rows) an? (?:second|\\w+ce|request)\\b"),
          Pattern.CASE_INSENSITIVE);

  private static final Pattern QUOTED = Pattern.compile("\"((?:[^\"\\\\\n]|\\\\.)*)\"");

  @Test
  void theManualsAreInPlainEnglish() throws IOException {
    Map<String, String> manuals = new LinkedHashMap<>();
    for (Path folder :
        List.of(
            SOURCE,
            SOURCE.resolve(".github"),
            SOURCE.resolve("api"),
            SOURCE.resolve("evaluator"),
            SOURCE.resolve("server"))) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.filter(name -> name.toString().endsWith(".md")).sorted().toList()) {
          manuals.put(SOURCE.relativize(file).toString(), Files.readString(file));
        }
      }
    }
    assertTrue(manuals.size() >= 8, manuals.keySet()::toString);
    assertPlain(manuals);
  }

  @Test
  void eachCommandsHelpIsInPlainEnglish() {
    Map<String, String> helps = new LinkedHashMap<>();
    CommandLine poolmark = Poolmark.allCommands();
    helps.put("poolmark", poolmark.getUsageMessage());
    poolmark.getSubcommands().forEach((name, help) -> helps.put(name, help.getUsageMessage()));
    assertTrue(helps.containsKey("serve") && helps.size() > 15, helps.keySet()::toString);
    assertPlain(helps);
  }

  @Test
  void thePageAndTheContractAreInPlainEnglish() throws IOException {
    Path resources = SOURCE.resolve("server/src/main/resources");
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put("openapi.yaml", Files.readString(resources.resolve("openapi.yaml")));
    try (Stream<Path> files = Files.list(resources.resolve("page"))) {
      for (Path file : files.filter(name -> name.toString().matches(".*[.](js|html)")).toList()) {
        texts.put(file.getFileName().toString(), Files.readString(file));
      }
    }
    assertTrue(texts.size() > 10, texts.keySet()::toString);
    assertPlain(texts);
  }

  /** Whatever the code may say stands in it between quotes. */
  @Test
  void messagesAreInPlainEnglish() throws IOException {
    Map<String, String> messages = new LinkedHashMap<>();
    for (String module : List.of("evaluator", "server")) {
      try (Stream<Path> files = Files.walk(SOURCE.resolve(module).resolve("src/main/java"))) {
        for (Path file : files.filter(name -> name.toString().endsWith(".java")).toList()) {
          messages.put(file.getFileName().toString(), quoted(Files.readString(file)));
        }
      }
    }
    assertTrue(quoted("say(\"one \"\n + \"line\");").equals("one line"), "what is joined is one");
    assertTrue(messages.size() > 300, () -> "found " + messages.size());
    assertPlain(messages);
  }

  /** The texts of a Java file: each with what is added to it, and an empty line between them. */
  private static String quoted(String java) {
    String code = java.replaceAll("(?s)/[*].*?[*]/", "").replaceAll("(?m)^\\s*//.*$", "");
    StringBuilder texts = new StringBuilder();
    int end = -1;
    for (MatchResult text : QUOTED.matcher(code).results().toList()) {
      if (end >= 0 && !code.substring(end, text.start()).matches("[\\s+]*")) {
        texts.append("\n\n");
      }
      texts.append(text.group(1));
      end = text.end();
    }
    return texts.toString();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "It seeks the best one.",
        "The time over that of `mean`",
        "a query, for they have chosen it",
        "It writes a line a trial.",
        "75 µs a sentence",
        "the options that the run\nasks for",
      })
  void whatReadersStumbledOverIsFound(String text) {
    assertEquals(1, stumbles(text).size());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "See the report of each sentence.",
        "The time over the time of `mean`",
        "It writes one line for each trial, and waits for the next.",
        "75 µs per sentence",
      })
  void plainTextPasses(String text) {
    assertEquals(List.of(), stumbles(text));
  }

  private static void assertPlain(Map<String, String> texts) {
    List<String> found = new ArrayList<>();
    texts.forEach(
        (name, text) -> stumbles(text).forEach(stumble -> found.add(name + ": " + stumble)));
    assertEquals(List.of(), found);
  }

  /** Each with what is around it; a line's end is a space, and an empty line ends a sentence. */
  private static List<String> stumbles(String text) {
    String line = text.replaceAll("\\n\\s*\\n", " ¶ ").replaceAll("\\s+", " ");
    return STUMBLES.matcher(line).results().map(match -> around(line, match)).toList();
  }

  private static String around(String line, MatchResult match) {
    return line.substring(
        Math.max(0, match.start() - 30), Math.min(line.length(), match.end() + 30));
  }
}
