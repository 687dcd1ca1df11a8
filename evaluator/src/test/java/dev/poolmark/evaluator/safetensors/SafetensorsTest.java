package dev.poolmark.evaluator.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.evaluator.files.AtomicFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {

  @TempDir Path folder;

  @Test
  void whatIsWrittenIsReadAgain() throws IOException {
    Map<String, TensorData> tensors = new LinkedHashMap<>();
    tensors.put("a", TensorData.of(new float[] {1, -2, 3.5f, 4, 5, 6}, 2, 3));
    tensors.put("b", TensorData.of(new long[] {Long.MIN_VALUE, 7}, 2));
    tensors.put("c", TensorData.of(new double[] {0.1}, 1));
    tensors.put("none", TensorData.of(new float[0], 0, 768));
    Path path = folder.resolve("x.safetensors");
    SafetensorsWriter.write(path, tensors, Map.of("seed", "17", "quote", "\"ü\n"));
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertArrayEquals(new float[] {1, -2, 3.5f, 4, 5, 6}, file.floats("a"));
      assertArrayEquals(new long[] {Long.MIN_VALUE, 7}, file.longs("b"));
      assertArrayEquals(new double[] {0.1}, file.doubles("c"));
      assertEquals(0, file.floats("none").length);
      assertEquals(List.of(2L, 3L), file.tensors().get("a").shape());
      assertEquals(Map.of("seed", "17", "quote", "\"ü\n"), file.metadata());
      assertThrows(IllegalArgumentException.class, () -> file.longs("a"));
      assertThrows(IllegalArgumentException.class, () -> file.floats("missing"));
    }
    assertEquals(List.of(path), list());
  }

  @Test
  void aTensorLargerThanTheBufferIsWrittenWhole() throws IOException {
    float[] values = new float[1_000_003];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    Path path;
    try (SafetensorsWriter writer = SafetensorsWriter.in(folder)) {
      writer.append(values, 0, 3);
      writer.append(values, 3, values.length - 3);
      path =
          writer.commit(
              "big.safetensors",
              Map.of("big", Shape.of(DType.F32, values.length)),
              Map.of("streamed", "yes"));
    }
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertArrayEquals(values, file.floats("big"));
      ByteBuffer part = ByteBuffer.allocateDirect(8).order(ByteOrder.LITTLE_ENDIAN);
      file.copy(file.tensors().get("big"), 4L * 1_000_001, part);
      assertEquals(1_000_001f, part.getFloat(0));
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> file.copy(file.tensors().get("big"), 4L * 1_000_002, part.clear()));
    }
  }

  @Test
  void aWriterClosedWithoutCommitLeavesNothing() throws IOException {
    try (SafetensorsWriter writer = SafetensorsWriter.in(folder)) {
      writer.append(new float[1 << 20], 0, 1 << 20);
      assertEquals(1, list().size());
    }
    assertEquals(List.of(), list());
  }

  @Test
  void whatADeadProcessLeftIsSweptAwayAndWorkInProgressIsNot() throws IOException {
    Path left = Files.writeString(folder.resolve(".poolmark-dead.tmp"), "half");
    try (AtomicFile first = AtomicFile.in(folder);
        AtomicFile second = AtomicFile.in(folder)) {
      assertTrue(Files.notExists(left));
      assertTrue(Files.exists(first.temporary()));
      assertTrue(Files.exists(second.temporary()));
      first.commit("done");
    }
    assertEquals(List.of(folder.resolve("done")), list());
  }

  @Test
  void aFileCutOffAnywhereIsRefused() throws IOException {
    Path path = folder.resolve("x.safetensors");
    SafetensorsWriter.write(path, Map.of("a", TensorData.of(new float[] {1, 2}, 2)), Map.of());
    byte[] whole = Files.readAllBytes(path);
    for (int length = 0; length < whole.length; length++) {
      Files.write(path, Arrays.copyOf(whole, length));
      assertThrows(MalformedSafetensorsException.class, () -> SafetensorsFile.open(path));
    }
    Files.write(path, Arrays.copyOf(whole, whole.length + 1));
    assertThrows(MalformedSafetensorsException.class, () -> SafetensorsFile.open(path));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"X32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-4,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2305843009213693951],"
            + "\"data_offsets\":[0,9223372036854775804]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"__metadata__\":{\"k\":1}}"
      })
  void aHeaderThatLiesIsRefused(String json) throws IOException {
    Path path = write(json, 8);
    assertThrows(MalformedSafetensorsException.class, () -> SafetensorsFile.open(path));
  }

  @Test
  void aHeaderOfOthersIsUnderstood() throws IOException {
    Path path =
        write(
            "{\"a\":{\"shape\":[],\"data_offsets\":[0,2],\"dtype\":\"F16\"},"
                + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[2,6]}}     ",
            6);
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertEquals(DType.F16, file.tensors().get("a").dtype());
      assertArrayEquals(new float[1], file.floats("b"));
    }
  }

  private Path write(String json, int dataBytes) throws IOException {
    byte[] header = json.getBytes(StandardCharsets.UTF_8);
    ByteBuffer file =
        ByteBuffer.allocate(8 + header.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(header.length).put(header);
    return Files.write(folder.resolve("x.safetensors"), file.array());
  }

  private List<Path> list() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
