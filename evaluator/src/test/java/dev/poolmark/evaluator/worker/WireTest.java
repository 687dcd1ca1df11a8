package dev.poolmark.evaluator.worker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poolmark.evaluator.evaluation.EvaluationReport;
import dev.poolmark.evaluator.report.Reports;
import dev.poolmark.evaluator.worker.WorkerRequest.Row;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the two ends of a worker say to each other. */
class WireTest {

  private static final ObjectNode JSON = JsonNodeFactory.instance.objectNode().put("x", 0.1);

  private static <T> T sent(T record, Class<T> type) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Wire.write(record, out);
    return Wire.read(new ByteArrayInputStream(out.toByteArray()), type);
  }

  @Test
  void eachRequestArrivesAsItWasSent() throws IOException {
    Path file = Path.of("/a folder/ä.txt");
    Map<String, Path> models = Map.of("models/a", file);
    WorkerRequest.Data data = new WorkerRequest.Data("/a folder/ä", "ä", "ab".repeat(32));
    WorkerRequest.Data sample = new WorkerRequest.Data("sample", "sample", null);
    WorkerRequest.Model model = new WorkerRequest.Model(file, null);
    List<WorkerRequest> requests =
        List.of(
            new WorkerRequest.Setup(
                List.of(file), List.of(new BrokenJar(file, "a stamp", "this", "that"))),
            new WorkerRequest.Cancel(3),
            new WorkerRequest.Score("mean", models, data, 64, WorkerRequest.Timing.DEFAULT, file),
            new WorkerRequest.Score(
                "mean", null, sample, 64, new WorkerRequest.Timing("python", "hot", true), null),
            new WorkerRequest.Compare(List.of(new WorkerRequest.Kept("mean", JSON, JSON, file))),
            new WorkerRequest.Render("csv", List.of(JSON)),
            new WorkerRequest.Pool(WorkerRequest.Format.JSON, null, models, file, file),
            new WorkerRequest.Similarity(models, file, file),
            new WorkerRequest.Load(model),
            new WorkerRequest.Embed(
                model,
                List.of(
                    new WorkerRequest.Text(
                        "line\nbreak", null, null, null, WorkerRequest.Role.QUERY, false),
                    new WorkerRequest.Text(
                        null,
                        List.of(1, 2),
                        WorkerRequest.Truncation.LEFT,
                        "p",
                        WorkerRequest.Role.ANY,
                        true))),
            new WorkerRequest.Poolers(),
            new WorkerRequest.Command(
                List.of("score", "--data", "ä"),
                true,
                List.of(new Row("mean", JSON, null), new Row("bad", null, "it ended"))));
    for (WorkerRequest request : requests) {
      assertEquals(request, sent(request, WorkerRequest.class));
    }
  }

  @Test
  void eachEventArrivesAsItWasSent() throws IOException {
    List<WorkerEvent> events =
        List.of(
            new WorkerEvent.Loading(Path.of("/plugins/a.jar")),
            new WorkerEvent.Begun(),
            new WorkerEvent.Running(JSON),
            new WorkerEvent.Scored(JSON, JSON),
            new WorkerEvent.Compared(JSON),
            new WorkerEvent.Rendered("a,b\n"),
            new WorkerEvent.Pooled(3, 0.25),
            new WorkerEvent.Loaded(),
            new WorkerEvent.Embedded(
                List.of(new WorkerEvent.Text(2, "AAAA", null), new WorkerEvent.Text(0, null, "no")),
                0.5,
                0.25),
            new WorkerEvent.Listed(JSON),
            new WorkerEvent.Printed("a\nline\n", true),
            new WorkerEvent.Trying("mean", "a.jar", false),
            new WorkerEvent.Tried("mean", JSON),
            new WorkerEvent.Finished(4),
            new WorkerEvent.Unfinished(),
            new WorkerEvent.Cancelled(),
            new WorkerEvent.Failed("an error", WorkerEvent.Fault.POOLER));
    for (WorkerEvent event : events) {
      assertEquals(event, sent(event, WorkerEvent.class));
    }
  }

  /** Whatever a report gets in addition, a command's later process must find it again. */
  @Test
  void aReportIsReadAsItIsWritten() throws IOException {
    ObjectMapper json = new ObjectMapper();
    for (EvaluationReport report :
        List.of(Reports.scored("mean", 70.5, "a finding"), Reports.failed("bad", "it ended"))) {
      JsonNode written = json.valueToTree(report);
      EvaluationReport read = json.treeToValue(written, EvaluationReport.class);
      assertEquals(written, json.<JsonNode>valueToTree(read));
    }
  }

  @Test
  void whatIsCutOffIsTheEnd() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Wire.write(new WorkerEvent.Begun(), out);
    byte[] half = java.util.Arrays.copyOf(out.toByteArray(), out.size() / 2);
    assertNull(Wire.read(new ByteArrayInputStream(half), WorkerEvent.class));
    assertNull(Wire.read(new ByteArrayInputStream(new byte[0]), WorkerEvent.class));
  }

  @Test
  void whatIsTooLongIsNotRead() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new DataOutputStream(out).writeInt(Wire.MAX_BYTES + 1);
    IOException refusal =
        assertThrows(
            IOException.class,
            () -> Wire.read(new ByteArrayInputStream(out.toByteArray()), WorkerEvent.class));
    assertTrue(refusal.getMessage().contains("expected at most"), refusal.getMessage());
  }
}
