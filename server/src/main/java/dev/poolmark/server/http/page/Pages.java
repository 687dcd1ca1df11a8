package dev.poolmark.server.http.page;

import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.StaticHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Properties;

/** The page, its parts, and the API's documentation; all of it from the server's own jars. */
public final class Pages {

  private Pages() {}

  public static void mount(Router router) {
    router.get("/").handler(context -> context.reroute("/page/index.html"));
    router.get("/docs").handler(context -> context.reroute("/page/docs.html"));
    router.get("/favicon.ico").handler(context -> context.reroute("/page/icon.svg"));
    router.get("/page/*").handler(StaticHandler.create("page").setCachingEnabled(false));
    router.get("/page-lib/chart.js/*").handler(webjar("org.webjars.npm", "chart.js"));
    router.get("/page-lib/swagger-ui/*").handler(webjar("org.webjars", "swagger-ui"));
  }

  private static StaticHandler webjar(String group, String artifact) {
    String about =
        String.format(Locale.ROOT, "/META-INF/maven/%s/%s/pom.properties", group, artifact);
    try (InputStream in = Pages.class.getResourceAsStream(about)) {
      Properties pom = new Properties();
      pom.load(in);
      return StaticHandler.create(
          String.format(
              Locale.ROOT,
              "META-INF/resources/webjars/%s/%s",
              artifact,
              pom.getProperty("version")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
