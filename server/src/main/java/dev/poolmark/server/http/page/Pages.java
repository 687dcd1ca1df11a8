package dev.poolmark.server.http.page;

import io.vertx.ext.web.Router;
import io.vertx.ext.web.handler.FileSystemAccess;
import io.vertx.ext.web.handler.StaticHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/** The page, its parts, and the API's documentation; all of it from the server's own jars. */
public final class Pages {

  private Pages() {}

  /**
   * A folder whose files are shown in place of the jar's, each as it is now: for who writes them.
   */
  private static final String SOURCE = "poolmark.page";

  public static void mount(Router router) {
    router.get("/").handler(context -> context.reroute("/page/index.html"));
    router.get("/docs").handler(context -> context.reroute("/page/docs.html"));
    router.get("/favicon.ico").handler(context -> context.reroute("/page/icon.svg"));
    router.get("/page/*").handler(page().setCachingEnabled(false));
    router.get("/page-lib/chart.js/*").handler(chartJs());
  }

  private static StaticHandler page() {
    String source = System.getProperty(SOURCE);
    return source == null
        ? StaticHandler.create("page")
        : StaticHandler.create(FileSystemAccess.ROOT, source).setFilesReadOnly(false);
  }

  private static StaticHandler chartJs() {
    String about = "/META-INF/maven/org.webjars.npm/chart.js/pom.properties";
    try (InputStream in = Pages.class.getResourceAsStream(about)) {
      Properties pom = new Properties();
      pom.load(in);
      return StaticHandler.create(
          "META-INF/resources/webjars/chart.js/" + pom.getProperty("version"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
