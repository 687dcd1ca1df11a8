package dev.poolmark.evaluator.files;

import java.util.Locale;

/**
 * Words of files and plugins as a terminal may show them: characters that would steer it, or that
 * nobody sees, are spelled as Java spells them, {@code \\u001B}.
 */
public final class Printable {

  private Printable() {}

  /** The text in one line. */
  public static String of(String text) {
    if (text.codePoints().allMatch(Printable::isShown)) {
      return text;
    }
    StringBuilder shown = new StringBuilder();
    text.codePoints()
        .forEach(
            point -> {
              if (isShown(point)) {
                shown.appendCodePoint(point);
              } else {
                for (char unit : Character.toChars(point)) {
                  shown.append(String.format(Locale.ROOT, "\\u%04X", (int) unit));
                }
              }
            });
    return shown.toString();
  }

  private static boolean isShown(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> point == ' ';
      default -> !Character.isIdentifierIgnorable(point) && !isInvisible(point);
    };
  }

  /** Letters and marks that are drawn as nothing: fillers of Hangul, selectors of a variation. */
  private static boolean isInvisible(int point) {
    return point == 0x115F
        || point == 0x1160
        || point == 0x3164
        || point == 0xFFA0
        || point == 0x034F
        || point >= 0x17B4 && point <= 0x17B5
        || point >= 0x180B && point <= 0x180F
        || point >= 0xFE00 && point <= 0xFE0F
        || point >= 0xE0100 && point <= 0xE01EF;
  }
}
