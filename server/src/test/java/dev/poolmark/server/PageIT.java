package dev.poolmark.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import io.vertx.junit5.VertxExtension;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
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
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.interactions.Actions;
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
  private static Path models;
  private static ServerProcess server;
  private static ChromeDriver browser;
  private static final String AXE = axe();
  private static final String REPORT =
      "<!doctype html><html lang=en><title>Tuning</title><h1>The best</h1>";

  private static String sum;
  private static String max;
  private static String cls;
  private static String tuned;
  private static String failed;

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
    models = TestFiles.folder("models");
    TestFiles.writeDoublingModel(models.resolve("tuned/best"), TestFiles.DIM);
    Files.writeString(models.resolve("tuned/report.html"), REPORT);
    server =
        ServerProcess.start(
            TestFiles.folder("page"),
            "--plugins",
            plugins.toString(),
            "--models",
            models.toString());
    Client client = new Client(vertx, server);
    for (String pooler : List.of("mean", "low_rank", "concat:modes=mean+max")) {
      client.start(pooler);
    }
    cls = client.start("cls");
    failed = client.start("complains");
    sum = client.start("sum");
    tuned = client.start("models/tuned");
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
        "--hide-scrollbars",
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
  void aRunIsStartedAndWatchedFromTheKeyboard() throws IOException {
    screen(1280, "light");
    openBoard();
    browser.findElement(By.id("pooler")).clear();
    browser.findElement(By.id("pooler")).sendKeys("slow", Keys.TAB);
    WebElement batch = browser.switchTo().activeElement();
    assertEquals("batch_size", batch.getDomAttribute("name"));
    batch.sendKeys(Keys.chord(Keys.CONTROL, "a"), "1", Keys.ENTER);
    By row = By.cssSelector(".runs.active li");
    await("its live row", () -> text(".runs.active").matches("(?s).*\\d+ %.*left.*"));
    WebElement first = browser.findElement(row);
    String before = first.getText();
    screenshot("board-running-light-1280", 1280);
    await("another figure in the same row", () -> !first.getText().equals(before));
    screen(1280, "light");
    first.findElement(By.tagName("a")).sendKeys(Keys.ENTER);
    await("live figures", () -> text("main").contains("of 200") && painted() == 1);
    assertEquals(200L, axis("x"), "the axis is that of the whole run");
    assertEquals(1L, axis("y"));
    long drawn = points();
    browser.navigate().refresh();
    await("the history of before", () -> painted() == 1 && points() >= Math.max(2, drawn));
    await("the report", () -> text("main").contains("Similarity against label"));
    assertTrue(text("h1").contains("slow"));
    assertCleanConsole();
  }

  @Test
  void aRunThatWaitsAndOneThatGoesOnAreAccessible(Vertx vertx) throws IOException {
    Client client = new Client(vertx, server);
    JsonObject request = new JsonObject().put("pooler", "slow").put("dataset", "toy");
    String running = client.start(request.put("batch_size", 1).put("protocols", "all"));
    String queued = client.start(request);
    for (String scheme : List.of("light", "dark")) {
      for (int width : new int[] {1280, 390}) {
        screen(width, scheme);
        assertAccessible(queued, "queued", "before it|next in turn", scheme, width);
        assertAccessible(running, "running", "Scoring|All pairs are scored", scheme, width);
      }
    }
    client.delete("/runs/" + queued);
    client.delete("/runs/" + running);
    assertEquals("cancelled", client.end(running).getString("status"), "it went on all the time");
    browser.get("about:blank");
    forgetConsole();
  }

  private static void assertAccessible(
      String run, String status, String words, String scheme, int width) throws IOException {
    open("#/runs/" + run);
    await("a run that is " + status, () -> text("main").matches("(?s).*(" + words + ").*"));
    assertEquals(status, text(".head .status"));
    screenshot("%s-%s-%d".formatted(status, scheme, width), width);
    assertAccessible("%s, %s, %d wide".formatted(status, scheme, width));
  }

  @Test
  void theServersThatShareAQueueAreListed() throws Exception {
    screen(1280, "light");
    openBoard();
    assertEquals("", text("section[aria-labelledby=nodes]"), "one server alone");
    try (Postgres postgres = Postgres.start();
        ServerProcess north = node(postgres, "north");
        ServerProcess south = node(postgres, "south")) {
      browser.get(north.url().toString());
      await("both", () -> text("section[aria-labelledby=nodes]").contains("south"));
      assertTrue(text("section[aria-labelledby=nodes]").contains("north"), south::toString);
      screenshot("nodes-light-1280", 1280);
      assertAccessible("a board of two nodes");
      browser.get("about:blank");
    }
    assertCleanConsole();
  }

  private static ServerProcess node(Postgres postgres, String name) throws Exception {
    return ServerProcess.start(ServerProcess.node(postgres.url(), name, new String[0]));
  }

  @Test
  void aRunOfATunedModelShowsItsTrainingAndLeadsToItsReport() {
    screen(1280, "light");
    open("#/runs/" + tuned);
    await("its charts", () -> painted() == 3);
    assertTrue(text("main").contains("epoch 2, Spearman 0.8000"));
    assertEquals(
        1,
        browser.findElements(By.cssSelector("canvas[aria-label*='0.8000 after epoch 2']")).size());
    browser.findElement(By.linkText("Report of its tuning")).sendKeys(Keys.ENTER);
    await("the report", () -> text("h1").equals("The best"));
    assertCleanConsole();
  }

  @Test
  void theReportOfATuningFitsADesktopAndAPhoneInLightAndDarkAndIsAccessible() throws Exception {
    Process tune =
        new ProcessBuilder(
                TestFiles.distribution().resolve("bin/poolmark").toString(),
                "tune",
                "--data",
                TestFiles.dataRoot().resolve("toy").toString(),
                "--out",
                models.resolve("real").toString(),
                "--budget",
                "5s",
                "--seed",
                "1")
            .redirectErrorStream(true)
            .start();
    String said = new String(Wait.bounded(tune).getInputStream().readAllBytes());
    assertEquals(0, tune.waitFor(), said);
    for (String scheme : List.of("light", "dark")) {
      for (int width : new int[] {1280, 390}) {
        screen(width, scheme);
        browser.get(server.url() + "models/real/report.html");
        await("the report", () -> !browser.findElements(By.cssSelector("svg")).isEmpty());
        assertTrue(
            (long) browser.executeScript("return document.documentElement.scrollWidth") <= width,
            "the report is wider than " + width);
        screenshot("report-%s-%d".formatted(scheme, width), width);
        assertAccessible("a report, %s, %d wide".formatted(scheme, width));
      }
    }
    assertCleanConsole();
  }

  private static Object axis(String name) {
    return browser.executeScript(
        "return Chart.getChart(document.querySelector('canvas')).scales[arguments[0]].max", name);
  }

  private static long points() {
    return (long)
        browser.executeScript(
            "const chart = Chart.getChart(document.querySelector('canvas'));"
                + " return chart ? chart.data.datasets[0].data.length : 0");
  }

  @Test
  void anEmptyBoardSaysWhatItIsAndScoresTheBuiltInPoolersOnce(Vertx vertx) throws IOException {
    screen(1280, "light");
    try (ServerProcess empty =
        ServerProcess.start(TestFiles.folder("empty"), "--plugins", plugins.toString())) {
      browser.get(empty.url().toString());
      By button = By.xpath("//button[contains(text(), 'built-in poolers')]");
      await("the offer", () -> !browser.findElements(button).isEmpty());
      assertEquals("What poolers are worth", text("h1"));
      assertTrue(text("main").contains("up to 80 points for quality"));
      screenshot("empty-light-1280", 1280);
      assertAccessible("an empty board");
      String told = browser.findElement(button).getText();
      int offered = Integer.parseInt(told.replaceAll("[^0-9]", ""));
      new Actions(browser).doubleClick(browser.findElement(button)).perform();
      await("the runs", () -> text("#notice").contains(offered + " runs queued"));
      Client client = new Client(vertx, empty);
      assertEquals(offered, client.json("/runs?limit=1000").getJsonArray("runs").size());
      assertTrue(
          client.json("/runs?q=exits").getJsonArray("runs").isEmpty(), "only built-in poolers");
      await("what goes on", () -> text(".runs.active").contains("before it"));
      browser.get(empty.url() + "#/runs/" + newestQueued(client));
      await("its place", () -> text("main").matches("(?s).*Queued: \\d+ before it.*"));
      assertEquals(0, painted(), "no empty chart");
      browser.get("about:blank");
    }
    forgetConsole();
  }

  private static String newestQueued(Client client) {
    return client
        .json("/runs?status=queued&limit=1")
        .getJsonArray("runs")
        .getJsonObject(0)
        .getString("id");
  }

  @Test
  void optionsAreAFormThatBuildsTheSpecAndErrorsStandAtTheirField(Vertx vertx) {
    screen(1280, "light");
    openBoard();
    WebElement spec = browser.findElement(By.id("pooler"));
    enter(spec, "attention");
    enter(browser.findElement(By.id("option-heads")), "4" + Keys.TAB);
    assertEquals("attention:heads=4", spec.getDomProperty("value"));
    enter(spec, "attention:heads=3,output_dim=64");
    assertEquals("3", browser.findElement(By.id("option-heads")).getDomProperty("value"));
    assertEquals("64", browser.findElement(By.id("option-output_dim")).getDomProperty("value"));
    enter(spec, "attention:heads=many" + Keys.ENTER);
    await("the error", () -> browser.findElement(By.id("pooler-error")).isDisplayed());
    assertTrue(text("#pooler-error").contains("heads"), text("#pooler-error"));
    assertEquals("true", spec.getDomAttribute("aria-invalid"));
    assertAccessible("a form with an error");
    forgetConsole(); // the browser tells of a 422
    enter(spec, "sum");
    Client client = new Client(vertx, server);
    int before = runsOf(client, "sum");
    WebElement submit = browser.findElement(By.cssSelector("form.start .primary"));
    new Actions(browser).doubleClick(submit).perform();
    await("a run more", () -> runsOf(client, "sum") > before);
    await("it to end", () -> text(".runs.active").isEmpty());
    assertEquals(before + 1, runsOf(client, "sum"));
    assertCleanConsole();
  }

  private static void enter(WebElement field, CharSequence text) {
    field.sendKeys(Keys.chord(Keys.CONTROL, "a"), text);
  }

  private static int runsOf(Client client, String pooler) {
    return client.json("/runs?limit=1000&dataset=toy&q=" + pooler).getJsonArray("runs").size();
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
        await("the chart's new start", () -> rises() && pairs() > 0);
        await("the report", () -> text("main").contains("Similarity against label"));
        assertTrue(text(".facts").contains("Attempts\n2"), text(".facts"));
        browser.get("about:blank");
      }
    }
    forgetConsole();
  }

  /** Whether the chart holds one attempt alone, from its start. */
  private static boolean rises() {
    return (boolean)
        browser.executeScript(
            "const canvas = document.querySelector('canvas');"
                + " const chart = canvas && Chart.getChart(canvas);"
                + " const xs = chart ? chart.data.datasets[0].data.map(point => point.x) : [];"
                + " return xs.every((x, i) => i === 0 || x > xs[i - 1])");
  }

  private static int pairs() {
    Matcher done = Pattern.compile("(\\d+) of 200").matcher(text("main"));
    return done.find() ? Integer.parseInt(done.group(1)) : 0;
  }

  @Test
  void theTokenIsAskedForAndOpensThePageThatWasWanted() throws IOException {
    screen(390, "dark");
    try (ServerProcess closed =
        ServerProcess.start(TestFiles.folder("login"), "--token", "open sesame")) {
      browser.get(closed.url() + "?x=1#/compare/0123456789abcdef");
      assertTrue(text("main").contains("--token"), "where the token comes from");
      browser.findElement(By.id("token")).sendKeys("open barley", Keys.ENTER);
      await("a word on it", () -> text("body").contains("not this server's token"));
      assertAccessible("the login");
      screenshot("login-dark-390", 390);
      browser.findElement(By.id("token")).sendKeys("open sesame", Keys.ENTER);
      await("the page that was wanted", () -> text("main").contains("no run '0123456789abcdef'"));
      assertTrue(browser.getCurrentUrl().endsWith("/?x=1#/compare/0123456789abcdef"));
      browser.get(closed.url().toString());
      await("the form", () -> !browser.findElements(By.name("pooler")).isEmpty());
      browser.findElement(By.name("pooler")).sendKeys(Keys.ENTER);
      await("the run's end", () -> text("main").contains("Leaderboard") && painted() > 0);
      browser.get("about:blank");
    }
    forgetConsole();
  }

  @Test
  void theBoardShowsTheLeaderboardItsTiesAndItsCharts() throws IOException {
    screen(1280, "light");
    openBoard();
    await("all charts", () -> painted() == 3);
    size(1280, 1000);
    browser.executeScript("document.activeElement.blur()");
    shoot("page"); // the README shows it, as .github/page.png
    assertTrue(browser.findElements(By.cssSelector("table.board tbody tr")).size() >= 5);
    assertTrue(text(".assumption").contains("assumption"));
    assertTrue(
        browser
            .findElement(By.cssSelector("canvas"))
            .getDomAttribute("aria-label")
            .contains("sum"));
    assertTrue(text("main").contains("is recommended, by"));
    assertTrue(text("table.rank").contains("Regret mean"));
    assertTrue(
        browser.findElements(By.cssSelector("canvas")).stream()
            .anyMatch(
                chart ->
                    chart
                        .getDomAttribute("aria-label")
                        .matches("What \\d+ poolers lose in \\d+ scenarios.* at most.*")));
    assertTrue(text("tbody.apart").contains("low_rank"), "what is not trained stands apart");
    assertTrue(!text("table.rank").contains("low_rank"));
    browser.findElement(By.cssSelector("[data-sort=quality]")).sendKeys(Keys.ENTER);
    List<Double> qualities =
        texts("table.board tbody:first-of-type td:nth-child(4)").stream()
            .map(cell -> Double.parseDouble(cell.split("\\s")[0]))
            .toList();
    assertEquals(qualities.stream().sorted((a, b) -> Double.compare(b, a)).toList(), qualities);
    browser.findElement(By.cssSelector("[aria-label='Filter the leaderboard']")).sendKeys("conc");
    assertEquals(
        List.of("concat:modes=mean+max"),
        texts("table.board tbody:first-of-type th").stream().distinct().toList());
    for (String format : List.of("CSV", "JSON", "MTEB")) {
      assertTrue(
          browser
              .findElement(By.linkText(format))
              .getDomAttribute("href")
              .startsWith("/results?format=" + format.toLowerCase(Locale.ROOT)));
    }
    assertCleanConsole();
  }

  @Test
  void runsArePickedAndCompared() throws IOException {
    screen(1280, "light");
    openBoard();
    await("the runs", () -> !browser.findElements(By.id("pick-" + max)).isEmpty());
    browser.findElement(By.id("pick-" + sum)).sendKeys(Keys.SPACE);
    browser.findElement(By.id("pick-" + max)).sendKeys(Keys.SPACE);
    browser.findElement(By.linkText("Compare these 2")).sendKeys(Keys.ENTER);
    await("both charts", () -> painted() == 2);
    assertEquals("sum and max", text("h1"));
    assertTrue(text("table").contains("Cosine Spearman"));
    assertTrue(text(".verdict").contains("sum has a better total than max, with a chance of"));
    open("#/compare/%s/%s/%s".formatted(sum, max, cls));
    await("both charts", () -> painted() == 2);
    assertEquals("3 runs compared", text("h1"));
    assertEquals(3, browser.findElements(By.cssSelector("table.both thead th")).size());
    open("#/compare/" + sum);
    await("what to compare it with", () -> text("h1").equals("Compare sum with"));
    await("others", () -> text(".choices").contains("max"));
    assertCleanConsole();
  }

  @Test
  void aRunThatIsDoneTellsOfItselfIsNamedFoundAndRunAgain() {
    screen(1280, "light");
    open("#/runs/" + cls);
    await("both charts", () -> painted() == 2);
    for (String fact : List.of("Id", cls, "Duration", "Engine", "Protocol", "Machine")) {
      assertTrue(text(".facts").contains(fact), text(".facts"));
    }
    enter(browser.findElement(By.name("name")), "the first token");
    enter(browser.findElement(By.name("tags")), "cheap, weekly");
    browser.findElement(By.name("notes")).sendKeys("nothing to add");
    browser.findElement(By.cssSelector("form.labels button")).sendKeys(Keys.ENTER);
    await("it to be saved", () -> text("#notice").equals("Saved"));
    openBoard();
    await("its tag", () -> text("table.board").contains("weekly"));
    browser.findElement(By.cssSelector("[aria-label='Search the history']")).sendKeys("FIRST TOK");
    await("it alone", () -> texts("section[aria-labelledby=runs] .what a").equals(List.of("cls")));
    browser.findElement(By.linkText("cls")).click();
    await("both charts", () -> painted() == 2);
    assertEquals("nothing to add", browser.findElement(By.name("notes")).getDomProperty("value"));
    browser.findElement(By.xpath("//button[text()='Run again']")).sendKeys(Keys.ENTER);
    await("another run", () -> !browser.getCurrentUrl().endsWith(cls));
    await("its end", () -> text(".head .status").equals("done") && painted() == 2);
    String again = browser.getCurrentUrl();
    browser.findElement(By.xpath("//button[text()='Delete']")).sendKeys(Keys.ENTER);
    browser.switchTo().alert().accept();
    await("the board", () -> browser.getCurrentUrl().endsWith("#/"));
    browser.get("about:blank");
    browser.get(again);
    await("that it is gone", () -> text("main").contains("no run"));
    forgetConsole(); // the browser tells of a 404
  }

  @Test
  void aRunThatFailedShowsWhatItsProcessSaidLast() throws IOException {
    screen(1280, "light");
    open("#/runs/" + failed);
    await("the log", () -> text(".log").contains("weights.bin: expected 12 rows\nfound 11"));
    assertTrue(text(".finding").contains("exit code 3"));
    assertEquals(1, browser.findElements(By.xpath("//button[text()='Run again']")).size());
    screenshot("failed-light-1280", 1280);
    assertAccessible("a failed run");
    assertCleanConsole();
  }

  @ParameterizedTest
  @CsvSource({
    "board, #/, 3",
    "done, #/runs/SUM, 2",
    "tuned, #/runs/TUNED, 3",
    "compared, #/compare/SUM/MAX/CLS, 2",
    "docs, docs, 0",
  })
  void everyViewFitsADesktopAndAPhoneInLightAndDarkAndIsAccessible(
      String name, String path, int charts) throws IOException {
    for (String scheme : List.of("light", "dark")) {
      for (int width : new int[] {1280, 390}) {
        screen(width, scheme);
        String place =
            path.replace("SUM", sum)
                .replace("MAX", max)
                .replace("CLS", cls)
                .replace("TUNED", tuned);
        if (name.equals("board")) {
          openBoard();
        } else {
          open(place);
        }
        await("charts of " + name, () -> painted() == charts && text("main").length() > 400);
        assertTrue(
            (long) browser.executeScript("return document.documentElement.scrollWidth") <= width,
            name + " is wider than " + width);
        screenshot("%s-%s-%d".formatted(name, scheme, width), width);
        assertAccessible("%s, %s, %d wide".formatted(name, scheme, width));
      }
    }
    assertCleanConsole();
  }

  @Test
  void theSkipLinkStaysOnThePage() {
    screen(1280, "light");
    for (String path : List.of("#/runs/" + sum, "docs")) {
      open(path);
      await("the page", () -> text("main").length() > 400);
      String before = browser.getCurrentUrl();
      browser.findElement(By.className("skip")).sendKeys(Keys.ENTER);
      assertEquals("main", browser.switchTo().activeElement().getDomAttribute("id"));
      assertEquals(before, browser.getCurrentUrl());
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
  void theDocumentationListsTheRoutesAndLeadsBack() {
    screen(1280, "light");
    open("docs#createRun");
    await("the routes", () -> text("body").contains("/leaderboard"));
    await("the one that was asked for", () -> text("#createRun").contains("Try it"));
    assertTrue(text("#createRun").contains("fresh, cold, hot"));
    browser.findElement(By.linkText("Board")).sendKeys(Keys.ENTER);
    await("the board", () -> text("h1").equals("What poolers are worth"));
    assertCleanConsole();
  }

  /** What axe-core finds serious or critical. */
  private static void assertAccessible(String page) {
    browser.executeScript(AXE);
    Object found =
        browser.executeAsyncScript(
            "const done = arguments[arguments.length - 1];"
                + " axe.run({resultTypes: ['violations']}).then(({violations}) => done(violations"
                + ".filter(({impact}) => ['serious', 'critical'].includes(impact))"
                + ".map(({id, nodes}) => id + ': ' + nodes.map(n => n.html).join(' | '))),"
                + " error => done([String(error)]))");
    assertEquals(List.of(), found, page);
  }

  private static String axe() {
    try (InputStream script = PageIT.class.getResourceAsStream("/axe.min.js")) {
      return new String(script.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The board on the toy data. */
  private static void openBoard() {
    open("#/");
    await("the form", () -> !browser.findElements(By.id("pooler")).isEmpty());
    browser.findElement(By.cssSelector(".head.page option[value=toy]")).click();
    await("the board", () -> !browser.findElements(By.cssSelector("table.board")).isEmpty());
  }

  private static List<String> texts(String selector) {
    return browser.findElements(By.cssSelector(selector)).stream()
        .map(WebElement::getText)
        .toList();
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
    shoot(name);
  }

  private static void shoot(String name) throws IOException {
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
