package dev.poolmark.server.distribution;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A page in Markdown, as far as its fenced blocks go. */
record Manual(List<Manual.Block> blocks) {

  private static final Pattern FENCE = Pattern.compile("```([a-z]*)");
  private static final Pattern EXCUSE = Pattern.compile("<!-- not run: .{10,} -->");
  private static final Pattern COMMAND = Pattern.compile("([$] )?(poolmark|mvn|server/target) .*");

  /**
   * A fenced block.
   *
   * @param line where it begins, from 1
   * @param language as the fence says, or empty
   * @param excused whether a comment before it says why it can't be run
   */
  record Block(int line, String language, String text, boolean excused) {

    /** Shell and Python are run; and what has no language but looks like the shell. */
    private boolean isCommand() {
      return language.equals("sh")
          || language.equals("python")
          || language.isEmpty() && COMMAND.matcher(text.lines().findFirst().orElse("")).matches();
    }

    private Block forShell() {
      String shell =
          language.equals("python")
              ? "python <<'PYTHON'\n" + text + "PYTHON\n"
              : text.replaceAll("(?m)^[$] ", "");
      return new Block(line, "sh", shell, excused);
    }
  }

  static Manual read(Path file) throws IOException {
    List<Block> blocks = new ArrayList<>();
    List<String> lines = Files.readAllLines(file);
    boolean excused = false;
    for (int i = 0; i < lines.size(); i++) {
      Matcher fence = FENCE.matcher(lines.get(i));
      if (fence.matches()) {
        int begin = i + 1;
        do {
          i++;
        } while (!lines.get(i).equals("```"));
        String text = String.join("\n", lines.subList(begin, i)) + "\n";
        blocks.add(new Block(begin, fence.group(1), text, excused));
        excused = false;
      } else if (!lines.get(i).isBlank()) {
        excused = EXCUSE.matcher(lines.get(i)).matches();
      }
    }
    return new Manual(blocks);
  }

  /** What can be run, as lines of a shell. */
  List<Block> commands() {
    return blocks.stream()
        .filter(block -> block.isCommand() && !block.excused())
        .map(Block::forShell)
        .toList();
  }
}
