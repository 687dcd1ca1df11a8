package dev.poolmark.evaluator.score;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poolmark.evaluator.files.TextFile;
import dev.poolmark.evaluator.metric.Metric;
import dev.poolmark.evaluator.score.Measured.Timed;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.apache.commons.csv.DuplicateHeaderMode;
import org.jspecify.annotations.Nullable;

/**
 * The grader's scores next to what Poolmark measured, as {@code calibrate} takes them: a CSV file
 * with the columns {@code quality,time} and {@code report}, {@code pooler} or both.
 *
 * <ul>
 *   <li>{@code report}: the output of {@code score --format json}, a path from the file's own
 *       folder; where it is left out, the pooler is measured
 *   <li>{@code quality}, {@code time}: the grader's points; one of them may be left out
 *   <li>{@code pooler}: the spec or the name of the pooler, where the report has several; the spec
 *       or the submission {@code x.zip} to measure, where there is no report
 * </ul>
 */
public final class GradeFile {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> COLUMNS = Set.of("report", "quality", "time", "pooler");

  private final Path csv;
  private final Map<Path, JsonNode> reports = new HashMap<>();
  private @Nullable String reference;

  /** A row, and what was measured of it where it has a report. */
  private record Row(
      String pooler, Optional<Measured> measured, @Nullable Double quality, @Nullable Double time) {

    Row {
      // Refuses bad points before anything is measured.
      Observation.check(quality, time);
    }
  }

  private GradeFile(Path csv) {
    this.csv = csv;
  }

  /**
   * Reads the grades, and the reports that they are of.
   *
   * @param measure what is measured of the poolers without a report, in their order; not asked
   *     where there are none
   * @throws BadScoreInputException naming the file, its 1-based line, what was expected and what
   *     was found
   * @throws IOException where the file itself cannot be read
   */
  public static List<Observation> read(Path csv, Measuring measure) throws IOException {
    List<Row> rows = new GradeFile(csv).rows();
    List<String> specs =
        rows.stream().filter(row -> row.measured().isEmpty()).map(Row::pooler).distinct().toList();
    Map<String, Measured> measured = specs.isEmpty() ? Map.of() : measure.of(specs);
    List<Observation> observations = new ArrayList<>();
    for (Row row : rows) {
      row.measured()
          .or(() -> Optional.ofNullable(measured.get(row.pooler())))
          .ifPresent(each -> observations.add(new Observation(each, row.quality(), row.time())));
    }
    return observations;
  }

  /** Measures poolers, by spec; one that can't be measured is left out, and so are its grades. */
  @FunctionalInterface
  public interface Measuring {
    Map<String, Measured> of(List<String> specs) throws IOException;
  }

  private List<Row> rows() throws IOException {
    CSVFormat format =
        CSVFormat.RFC4180
            .builder()
            .setHeader()
            .setSkipHeaderRecord(true)
            .setDuplicateHeaderMode(DuplicateHeaderMode.DISALLOW)
            .setTrim(true)
            .get();
    List<Row> all = new ArrayList<>();
    try (Reader reader =
            new InputStreamReader(
                TextFile.withoutMark(TextFile.open(csv)), StandardCharsets.UTF_8.newDecoder());
        CSVParser rows = format.parse(reader)) {
      checkHeader(rows.getHeaderNames());
      for (CSVRecord row : rows) {
        all.add(row(row, rows.getCurrentLineNumber()));
      }
    } catch (UncheckedIOException e) {
      throw new BadScoreInputException(
          csv + ": expected CSV, found " + Objects.requireNonNull(e.getCause()).getMessage());
    } catch (CharacterCodingException e) {
      throw new BadScoreInputException(csv + ": expected CSV, found bytes that are not UTF-8");
    } catch (IllegalArgumentException e) {
      // commons-csv of a header with a name that is missing or there twice
      throw new BadScoreInputException(csv + ": line 1: " + e.getMessage());
    }
    return all;
  }

  private void checkHeader(List<String> names) {
    boolean named = names.contains("report") || names.contains("pooler");
    if (!named || !names.containsAll(List.of("quality", "time")) || !COLUMNS.containsAll(names)) {
      throw new BadScoreInputException(
          csv
              + ": line 1: expected the columns quality,time and report or pooler, found "
              + String.join(",", names));
    }
  }

  private Row row(CSVRecord row, long line) {
    try {
      if (!row.isConsistent()) {
        throw new IllegalArgumentException(
            "expected as many fields as the header has, found " + row.size());
      }
      String pooler = field(row, "pooler");
      String report = field(row, "report");
      if (report.isEmpty() && pooler.isEmpty()) {
        throw new IllegalArgumentException("expected a report or a pooler, found neither");
      }
      return new Row(
          pooler,
          report.isEmpty() ? Optional.empty() : Optional.of(measured(report, pooler)),
          points(row, "quality"),
          points(row, "time"));
    } catch (IllegalArgumentException e) {
      throw new BadScoreInputException(csv + ": line " + line + ": " + e.getMessage());
    }
  }

  private static String field(CSVRecord row, String name) {
    return row.isMapped(name) ? row.get(name) : "";
  }

  private Measured measured(String file, String pooler) {
    JsonNode report = select(file, pooler);
    Map<Metric, Double> correlations = new EnumMap<>(Metric.class);
    for (Metric metric : Metric.values()) {
      JsonNode value = report.path("quality").path(metric.key());
      if (value.isNumber()) {
        correlations.put(metric, value.doubleValue());
      }
    }
    Optional<Setting> counting =
        setting(report.path("time"), report.path("environment").path("batch_size"));
    if (counting.isEmpty() || correlations.isEmpty()) {
      throw new IllegalArgumentException(
          file
              + ": expected a pooler that was scored, found no quality or time for "
              + spec(report));
    }
    checkReference(file, report.path("time").path("reference").asText());
    return new Measured(spec(report), correlations, times(report, counting.get()), counting.get());
  }

  /** The time that counts, and those of all protocols where they were taken. */
  private static Map<Setting, Timed> times(JsonNode report, Setting counting) {
    Map<Setting, Timed> times = new HashMap<>();
    JsonNode time = report.path("time");
    for (JsonNode each : time.path("protocols")) {
      setting(each, each.path("batch_size")).ifPresent(how -> times.put(how, timed(each)));
    }
    times.put(counting, timed(time));
    return times;
  }

  /** How a time was taken, where one was; reports of old, without a protocol, were hot. */
  private static Optional<Setting> setting(JsonNode time, JsonNode batchSize) {
    return time.path("reference_ratio").asDouble() > 0 && batchSize.isInt()
        ? Optional.of(new Setting(time.path("protocol").asText("hot"), batchSize.intValue()))
        : Optional.empty();
  }

  private static Timed timed(JsonNode time) {
    double ratio = time.path("reference_ratio").asDouble();
    return new Timed(ratio, time.path("us_per_sentence").asDouble() / ratio);
  }

  /** Ratios to different references are no numbers of one curve. */
  private void checkReference(String file, String found) {
    if (reference != null && !reference.equals(found)) {
      throw new IllegalArgumentException(
          file + ": expected times relative to " + reference + ", as above, found " + found);
    }
    reference = found;
  }

  private JsonNode select(String file, String pooler) {
    JsonNode all = reports.computeIfAbsent(csv.resolveSibling(file), GradeFile::parse);
    List<JsonNode> matching =
        StreamSupport.stream(all.spliterator(), false)
            .filter(report -> pooler.isEmpty() || isNamed(report, pooler))
            .toList();
    if (matching.size() != 1) {
      throw new IllegalArgumentException(
          file
              + ": expected "
              + (pooler.isEmpty() ? "one report, or a column 'pooler'" : "one report of " + pooler)
              + ", found reports of "
              + StreamSupport.stream(all.spliterator(), false)
                  .map(GradeFile::spec)
                  .collect(Collectors.joining(", ")));
    }
    return matching.get(0);
  }

  private static boolean isNamed(JsonNode report, String pooler) {
    return spec(report).equals(pooler)
        || report.path("pooler").path("name").asText().equals(pooler);
  }

  private static String spec(JsonNode report) {
    return report.path("pooler").path("spec").asText();
  }

  private static JsonNode parse(Path report) {
    try {
      JsonNode root = JSON.readTree(TextFile.bytes(report));
      if (!root.isArray() || root.isEmpty()) {
        throw new IllegalArgumentException(
            report + ": expected an array of reports, as score --format json writes");
      }
      return root;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          report + ": expected JSON, found " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          report + ": expected a report that can be read, found " + e, e);
    }
  }

  private static @Nullable Double points(CSVRecord row, String column) {
    String text = row.get(column);
    try {
      return text.isEmpty() ? null : Double.valueOf(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(column + ": expected points, found '" + text + "'", e);
    }
  }
}
