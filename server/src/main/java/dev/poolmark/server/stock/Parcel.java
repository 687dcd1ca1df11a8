package dev.poolmark.server.stock;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Locale;

/**
 * What a node sends of something that it has: its files.
 *
 * @param name of the file or the folder
 * @param folder whether it is one
 */
record Parcel(String name, boolean folder, List<Item> items) {

  private static final int MOST_FILES = 1000;
  private static final String SHA256 = "[0-9a-f]{64}";
  private static final String PART = "[^/\\\\\\x00-\\x1f]{1,255}";

  /**
   * A file.
   *
   * @param path in the folder, with slashes
   * @param sha256 of its bytes
   */
  record Item(String path, long bytes, String sha256) {

    /** It names a place where it will be put, and comes from another machine. */
    Item {
      check(path.matches(PART + "(/" + PART + ")*"), "a path in a folder", path);
      for (String part : path.split("/")) {
        check(!part.equals("..") && !part.equals("."), "a path in a folder", path);
      }
      check(bytes >= 0, "a size", Long.toString(bytes));
      check(isSha256(sha256), "a SHA-256", sha256);
    }
  }

  Parcel {
    items = List.copyOf(items);
    check(name.matches(PART) && !name.matches("[.]{1,2}"), "a name", name);
    check(
        !items.isEmpty() && items.size() <= MOST_FILES,
        "1 to " + MOST_FILES + " files",
        Integer.toString(items.size()));
    check(
        items.stream().map(Item::path).distinct().count() == items.size(),
        "paths that are there once",
        name);
  }

  static boolean isSha256(String text) {
    return text.matches(SHA256);
  }

  private static void check(boolean good, String expected, String found) {
    if (!good) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "parcel: expected %s, found '%s'", expected, found));
    }
  }

  long bytes() {
    return items.stream().mapToLong(Item::bytes).sum();
  }

  JsonObject toJson() {
    JsonArray files = new JsonArray();
    items.forEach(
        item ->
            files.add(
                new JsonObject()
                    .put("path", item.path())
                    .put("bytes", item.bytes())
                    .put("sha256", item.sha256())));
    return new JsonObject().put("name", name).put("folder", folder).put("files", files);
  }

  /**
   * Reads what another node sent.
   *
   * @throws IllegalArgumentException where it is none
   */
  static Parcel of(JsonObject json) {
    try {
      return new Parcel(
          json.getString("name", ""),
          json.getBoolean("folder", false),
          json.getJsonArray("files", new JsonArray()).stream()
              .map(JsonObject.class::cast)
              .map(
                  file ->
                      new Item(
                          file.getString("path", ""),
                          file.getLong("bytes", -1L),
                          file.getString("sha256", "")))
              .toList());
    } catch (ClassCastException e) {
      throw new IllegalArgumentException("parcel: expected files, found " + e.getMessage(), e);
    }
  }
}
