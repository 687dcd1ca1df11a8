package dev.poolmark.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/**
 * The page in a real browser without a window; screenshots go to {@code
 * target/server-it/screenshots}.
 */
@ExtendWith({VertxExtension.class, BrowserRetry.class})
class PageIT {

  private static final long PATIENCE_MILLIS = 60_000;

  private static Path plugins;
  private static ServerProcess server;
  private static ChromeDriver browser;
  private static String sum;
  private static String max;

  @BeforeAll
  static void start(Vertx vertx) throws IOException {
    Optional<Path> chromium = find("chromium", "chromium-browser", "google-chrome");
    Optional<Path> driver = find("chromedriver");
    if ((chromium.isEmpty() || driver.isEmpty()) && "true".equals(System.getenv("CI"))) {
      fail("CI needs chromium and chromedriver on the PATH");
    }
    Assumptions.assumeTrue(chromium.isPresent() && driver.isPresent(), "no Chromium here");
    plugins = TestFiles.folder("plugins");
    TestFiles.writeRogueJar(plugins.resolve("rogue.jar"));
    server = ServerProcess.start(TestFiles.folder("page"), "--plugins", plugins.toString());
    Client client = new Client(vertx, server);
    for (String pooler : List.of("mean", "cls", "concat:modes=mean+max")) {
      client.start(pooler);
    }
    sum = client.start("sum");
    max = client.start("max");
    client.end(max);
    browser = browser(chromium.get(), driver.get());
  }

  private static Optional<Path> find(String... names) {
    return Stream.of(names)
        .flatMap(
            name ->
                Stream.of(System.getenv("PATH").split(java.io.File.pathSeparator))
                    .map(folder -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static ChromeDriver browser(Path chromium, Path driver) throws IOException {
    ChromeOptions options = new ChromeOptions();
    options.setBinary(chromium.toString());
    options.addArguments(
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--user-data-dir=" + Files.createTempDirectory("poolmark-chromium-"));
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    options.setCapability("goog:loggingPrefs", logs);
    ChromeDriverService service =
        new ChromeDriverService.Builder().usingDriverExecutable(driver.toFile()).build();
    return new ChromeDriver(service, options);
  }

  @AfterAll
  static void stop() {
    if (browser != null) {
      browser.quit();
      server.close();
    }
  }

  @Test
  void aRunIsStartedAndWatchedFromTheKeyboard() {
    screen(1280, "light");
    open("#/");
    await("the form", () -> !browser.findElements(By.name("pooler")).isEmpty());
    browser.findElement(By.name("pooler")).clear();
    browser.findElement(By.name("pooler")).sendKeys("slow", Keys.TAB);
    browser.switchTo().activeElement().sendKeys("toy", Keys.TAB);
    browser.switchTo().activeElement().sendKeys(Keys.chord(Keys.CONTROL, "a"), "4", Keys.ENTER);
    await(
        "the run in the list",
        () -> browser.findElements(By.cssSelector(".runs progress")).size() == 1);
    browser.findElement(By.xpath("//ul[@class='runs']//a[text()='slow']")).sendKeys(Keys.ENTER);
    await("live figures", () -> text("main").contains("of 200"));
    await("the report", () -> text("main").contains("Similarity against label"));
    assertTrue(text("h1").contains("slow"));
    assertCleanConsole();
  }

  @Test
  void aRunIsFollowedAcrossABrokenConnectionAndARestart(Vertx vertx) throws Exception {
    screen(1280, "light");
    Path home = TestFiles.folder("again");
    String[] options = {"--plugins", plugins.toString()};
    try (ServerProcess first = ServerProcess.start(home, options);
        Relay relay = new Relay(vertx, first.port())) {
      String id =
          new Client(vertx, first)
              .start(
                  new JsonObject()
                      .put("pooler", "slow")
                      .put("dataset", "toy")
                      .put("batch_size", 1));
      browser.get(relay.url() + "#/runs/" + id);
      await("live figures", () -> pairs() > 0);
      int before = pairs();
      int connections = relay.accepted();
      relay.cut();
      await("live figures again", () -> relay.accepted() > connections && pairs() > before);
      first.kill();
      await("a word on it", () -> text("main").contains("The connection broke"));
      try (ServerProcess second = ServerProcess.start(home, options)) {
        relay.leadTo(second.port());
        await("the report", () -> text("main").contains("Similarity against label"));
        browser.get("about:blank");
      }
    }
    forgetConsole();
  }

  private static int pairs() {
    Matcher done = Pattern.compile("(\\d+) of 200").matcher(text("main"));
    return done.find() ? Integer.parseInt(done.group(1)) : 0;
  }

  @Test
  void theTokenIsAskedForAndOpensThePage(Vertx vertx) throws IOException {
    screen(390, "dark");
    try (ServerProcess closed =
        ServerProcess.start(TestFiles.folder("login"), "--token", "open sesame")) {
      browser.get(closed.url().toString());
      browser.findElement(By.id("token")).sendKeys("open barley", Keys.ENTER);
      await("a word on it", () -> text("body").contains("not this server's token"));
      screenshot("login-dark-390", 390);
      browser.findElement(By.id("token")).sendKeys("open sesame", Keys.ENTER);
      await("the form", () -> !browser.findElements(By.name("pooler")).isEmpty());
      browser.findElement(By.name("pooler")).sendKeys(Keys.ENTER);
      await("the run's end", () -> text(".runs").contains("done"));
      browser.get("about:blank");
    }
    forgetConsole();
  }

  @Test
  void theBoardShowsTheLeaderboardAndTheChart() {
    screen(1280, "light");
    open("#/");
    await("the chart", () -> painted() == 1);
    assertTrue(browser.findElements(By.cssSelector("table.board tbody tr")).size() >= 5);
    assertTrue(text(".assumption").contains("assumption"));
    assertTrue(
        browser
            .findElement(By.cssSelector("canvas"))
            .getDomAttribute("aria-label")
            .contains("sum"));
    assertCleanConsole();
  }

  @Test
  void twoRunsArePickedAndCompared() {
    screen(1280, "light");
    open("#/");
    await("the runs", () -> !browser.findElements(By.id("pick-" + max)).isEmpty());
    browser.findElement(By.id("pick-" + sum)).sendKeys(Keys.SPACE);
    browser.findElement(By.id("pick-" + max)).sendKeys(Keys.SPACE);
    browser.findElement(By.linkText("Compare these two")).sendKeys(Keys.ENTER);
    await("both charts", () -> painted() == 2);
    assertEquals("sum and max", text("h1"));
    assertTrue(text("table").contains("Cosine Spearman"));
    assertCleanConsole();
  }

  @ParameterizedTest
  @CsvSource({
    "board, #/, 1",
    "run, #/runs/SUM, 2",
    "compare, #/compare/SUM/MAX, 2",
  })
  void everyViewFitsADesktopAndAPhoneInLightAndDark(String name, String path, int charts)
      throws IOException {
    for (String scheme : List.of("light", "dark")) {
      for (int width : new int[] {1280, 390}) {
        screen(width, scheme);
        open(path.replace("SUM", sum).replace("MAX", max));
        await("charts of " + name, () -> painted() == charts);
        assertTrue(
            (long) browser.executeScript("return document.documentElement.scrollWidth") <= width,
            name + " is wider than " + width);
        screenshot("%s-%s-%d".formatted(name, scheme, width), width);
      }
    }
    assertCleanConsole();
  }

  @Test
  void nothingIsAskedOfAnotherHost() {
    screen(1280, "light");
    for (String path : List.of("#/", "docs")) {
      open(path);
      await("something", () -> text("body").length() > 100);
      List<?> foreign =
          (List<?>)
              browser.executeScript(
                  "return performance.getEntriesByType('resource').map(e => e.name)"
                      + ".filter(n => !n.startsWith(location.origin))");
      assertEquals(List.of(), foreign);
    }
  }

  @Test
  void theDocumentationListsTheRoutes() {
    screen(1280, "light");
    open("docs");
    await("the routes", () -> text("body").contains("/leaderboard"));
    assertCleanConsole();
  }

  private static void open(String path) {
    browser.get("about:blank");
    browser.get(server.url() + path);
  }

  private static void screen(int width, String scheme) {
    browser.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
    size(width, width < 600 ? 844 : 900);
  }

  private static void size(int width, long height) {
    browser.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
  }

  /**
   * How many charts have something drawn on them. Looks at a copy: reading a chart's own canvas
   * again and again makes the browser warn.
   */
  private static long painted() {
    return (long)
        browser.executeScript(
            "return [...document.querySelectorAll('canvas')].filter(chart => {"
                + " if (chart.width === 0) return false;"
                + " const copy = document.createElement('canvas');"
                + " copy.width = chart.width; copy.height = chart.height;"
                + " const context = copy.getContext('2d', {willReadFrequently: true});"
                + " context.drawImage(chart, 0, 0);"
                + " return context.getImageData(0, 0, copy.width, copy.height).data.some(v => v);"
                + "}).length");
  }

  private static String text(String selector) {
    return browser.findElements(By.cssSelector(selector)).stream()
        .findFirst()
        .map(element -> element.getText())
        .orElse("");
  }

  private static void screenshot(String name, int width) throws IOException {
    size(width, (long) browser.executeScript("return document.documentElement.scrollHeight"));
    Path folder =
        Files.createDirectories(Path.of(System.getProperty("poolmark.it"), "screenshots"));
    Files.write(folder.resolve(name + ".png"), browser.getScreenshotAs(OutputType.BYTES));
  }

  /** The browser tells there of connections that broke and of tokens that were wrong. */
  private static void forgetConsole() {
    browser.manage().logs().get(LogType.BROWSER);
  }

  private static void assertCleanConsole() {
    List<String> errors =
        browser.manage().logs().get(LogType.BROWSER).getAll().stream()
            .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
            .map(LogEntry::getMessage)
            .toList();
    assertEquals(List.of(), errors);
  }

  private static void await(String what, BooleanSupplier condition) {
    long deadline = System.currentTimeMillis() + PATIENCE_MILLIS;
    while (System.currentTimeMillis() < deadline) {
      try {
        if (condition.getAsBoolean()) {
          return;
        }
        Thread.sleep(100);
      } catch (org.openqa.selenium.StaleElementReferenceException replaced) {
        // The page has drawn it anew.
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    fail("waited in vain for " + what + "; the page says: " + text("body"));
  }
}
