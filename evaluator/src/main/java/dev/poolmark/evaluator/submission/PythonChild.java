package dev.poolmark.evaluator.submission;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poolmark.evaluator.torch.PoolerFault;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A Python that runs somebody's model, and answers requests, a line of JSON each: {@code
 * {"done":VALUE}}, {@code {"fault":TEXT}}, and meanwhile {@code {"alive":true}}.
 *
 * <p>It may print, hang, flood or die: that is the fault of the model. It ends with its standard
 * input, so also with this process, and takes along whatever it has started.
 */
public final class PythonChild implements AutoCloseable {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration SILENCE = Duration.ofMinutes(2);
  private static final long LOOK_EVERY_MILLIS = 50;
  private static final long FAREWELL_MILLIS = 1000;
  private static final int LONGEST_LINE = 1 << 20;
  private static final int KEPT_OF_ERRORS = 4096;

  private final Process process;
  private final BlockingQueue<JsonNode> answers = new LinkedBlockingQueue<>();
  private final StringBuilder errors = new StringBuilder();
  private final Thread readingErrors;

  private PythonChild(Process process) {
    this.process = process;
    daemon("python-answers", this::readAnswers);
    readingErrors = daemon("python-errors", this::readErrors);
  }

  private static Thread daemon(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /**
   * Starts a script with torch at one thread.
   *
   * @param arguments the script first
   */
  public static PythonChild start(Python python, Path folder, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(python.command(), "-B", "-u"));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    for (String threads : List.of("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")) {
      builder.environment().put(threads, "1");
    }
    return new PythonChild(builder.start());
  }

  /**
   * Sends a request and waits for its answer.
   *
   * @param check is called again and again meanwhile, and may throw to end the waiting
   * @throws PoolerFault when the answer is a fault, or there is none
   */
  public JsonNode ask(JsonNode request, Runnable check) {
    try {
      OutputStream input = process.getOutputStream();
      input.write((request + "\n").getBytes(StandardCharsets.UTF_8));
      input.flush();
    } catch (IOException e) {
      // It is gone, and has perhaps said why.
    }
    return answer(check);
  }

  /**
   * Waits for an answer that needs no request: the first one.
   *
   * @throws PoolerFault when it is a fault, or there is none
   */
  public JsonNode answer(Runnable check) {
    long heard = System.nanoTime();
    while (true) {
      JsonNode answer = next();
      if (answer != null && answer.has("done")) {
        return answer.get("done");
      }
      if (answer != null && answer.has("fault")) {
        throw new PoolerFault(answer.get("fault").asText());
      }
      if (answer != null && answer.isMissingNode()) {
        throw new PoolerFault(death());
      }
      if (answer != null) {
        heard = System.nanoTime();
      } else if (System.nanoTime() - heard > SILENCE.toNanos()) {
        throw new PoolerFault(
            String.format(
                Locale.ROOT,
                "expected a forward pass within %d s, found none",
                SILENCE.toSeconds()));
      }
      check.run();
    }
  }

  private JsonNode next() {
    try {
      return answers.poll(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    }
  }

  /** Missing, where there are no more answers. */
  private void readAnswers() {
    try (InputStream output = new BufferedInputStream(process.getInputStream())) {
      for (byte[] line = line(output); line != null; line = line(output)) {
        answers.add(JSON.readTree(line));
      }
    } catch (JsonProcessingException e) {
      answers.add(JSON.createObjectNode().put("fault", "it writes where only answers belong"));
    } catch (IOException e) {
      // closed
    }
    answers.add(JSON.missingNode());
  }

  private static byte @Nullable [] line(InputStream output) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = output.read(); next >= 0; next = output.read()) {
      if (next == '\n') {
        return line.toByteArray();
      }
      line.write(next);
      if (line.size() > LONGEST_LINE) {
        throw new IOException("a line that does not end");
      }
    }
    return null;
  }

  /** Reads all, so that nobody waits, and keeps the end. */
  private void readErrors() {
    byte[] part = new byte[8192];
    try (InputStream stream = process.getErrorStream()) {
      for (int read = stream.read(part); read >= 0; read = stream.read(part)) {
        synchronized (errors) {
          errors.append(new String(part, 0, read, StandardCharsets.UTF_8));
          errors.delete(0, Math.max(0, errors.length() - KEPT_OF_ERRORS));
        }
      }
    } catch (IOException e) {
      // closed
    }
  }

  private String death() {
    try {
      if (!process.waitFor(FAREWELL_MILLIS, TimeUnit.MILLISECONDS)) {
        return "it closed its output";
      }
      readingErrors.join(FAREWELL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted");
    }
    int code = process.exitValue();
    String how = code > 128 ? "by signal " + (code - 128) : "with exit code " + code;
    String said = lastLine();
    return "its Python ended " + how + (said.isEmpty() ? "" : ": " + said);
  }

  private String lastLine() {
    synchronized (errors) {
      return errors
          .toString()
          .lines()
          .map(String::strip)
          .filter(line -> !line.isEmpty())
          .reduce((first, second) -> second)
          .orElse("");
    }
  }

  /** Ends it and all that it has started. */
  @Override
  public void close() {
    List<ProcessHandle> started = process.descendants().toList();
    try {
      process.getOutputStream().close(); // it kills its whole group then
    } catch (IOException e) {
      // It is gone already.
    }
    try {
      process.waitFor(FAREWELL_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
    started.forEach(ProcessHandle::destroyForcibly);
  }
}
