package dev.poolmark.server.http;

import dev.poolmark.server.http.answer.ApiException;
import io.vertx.ext.web.RoutingContext;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The query of a request, of which each value is decoded once. */
final class Query {

  private final Map<String, String> encoded = new LinkedHashMap<>();

  private Query() {}

  /**
   * @throws ApiException where it can't be decoded, or names a value twice
   */
  static Query of(RoutingContext context) {
    return of(context.request().query());
  }

  /**
   * @param text without its question mark; null where there is none
   */
  static Query of(@Nullable String text) {
    Query query = new Query();
    for (String part : text == null ? new String[0] : text.split("&")) {
      if (!part.isEmpty()) {
        String[] pair = part.split("=", 2);
        String name = PercentEncoding.decode(pair[0]);
        if (query.encoded.put(name, pair.length == 2 ? pair[1] : "") != null) {
          throw ApiException.invalid(
              String.format(Locale.ROOT, "%s: expected one value, found two", name));
        }
      }
    }
    return query;
  }

  /** A value, in which a plus is a plus: specs have such. */
  Optional<String> value(String name) {
    return Optional.ofNullable(encoded.get(name)).map(PercentEncoding::decode);
  }

  /**
   * What a value may mean: a plus is itself by the rules of addresses, and a space by those of
   * forms, which some clients follow.
   */
  List<String> readings(String name) {
    return Optional.ofNullable(encoded.get(name)).stream()
        .flatMap(value -> Stream.of(value, value.replace('+', ' ')))
        .map(PercentEncoding::decode)
        .distinct()
        .toList();
  }

  /**
   * @throws ApiException where it names a value that is not known
   */
  void checkNames(Set<String> known) {
    for (String name : encoded.keySet()) {
      if (!known.contains(name)) {
        throw ApiException.invalid(
            String.format(
                Locale.ROOT,
                "query: expected %s, found %s",
                known.isEmpty() ? "none" : "only " + String.join(", ", known),
                name));
      }
    }
  }
}
