package dev.poolmark.evaluator.weights;

import dev.poolmark.evaluator.files.BadDataException;
import dev.poolmark.evaluator.files.ZipChecks;
import dev.poolmark.evaluator.weights.TensorPickle.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipFile;

/**
 * Weights as {@code torch.save} writes a state dict since torch 1.6: a zip, stored uncompressed,
 * with the names and shapes in {@code data.pkl} and the numbers in {@code data/0} and so on, which
 * are mapped.
 */
public final class PickledWeights implements WeightFiles {

  private static final byte[] ZIP = {'P', 'K', 3, 4};

  /** A pickle of protocol 2 that begins with the number 0x1950a86a20f9469cfc6c. */
  private static final byte[] BEFORE_1_6 = {(byte) 0x80, 2, (byte) 0x8a, 10, 0x6c, (byte) 0xfc};

  /** Far more than the names of any model take. */
  private static final long MAX_PICKLE_BYTES = 64 << 20;

  private static final long MAX_MAPPED_BYTES = 1 << 30;

  /** Where a tensor's storage lies in its file. */
  private record Place(Path file, Tensor tensor, long position) {}

  private final Path path;
  private final Map<String, Place> places;

  private PickledWeights(Path path, Map<String, Place> places) {
    this.path = path;
    this.places = places;
  }

  /** Opens {@code pytorch_model.bin}. */
  public static PickledWeights open(Path file) throws IOException {
    return new PickledWeights(file, places(file));
  }

  /** Opens what {@code pytorch_model.bin.index.json} names. */
  public static PickledWeights openIndex(Path index) throws IOException {
    Map<String, Map<String, Place>> parts = new LinkedHashMap<>();
    Map<String, Place> places = new LinkedHashMap<>();
    for (Map.Entry<String, String> entry : Shards.read(index).entrySet()) {
      Path part = index.resolveSibling(entry.getValue());
      if (!parts.containsKey(entry.getValue())) {
        parts.put(entry.getValue(), places(part));
      }
      Place place = parts.get(entry.getValue()).get(entry.getKey());
      if (place == null) {
        throw Shards.unnamed(part, entry.getKey(), index);
      }
      places.put(entry.getKey(), place);
    }
    return new PickledWeights(index, places);
  }

  private static Map<String, Place> places(Path file) throws IOException {
    checkFormat(file);
    try (ZipFile zip = ZipFile.builder().setPath(file).get()) {
      ZipArchiveEntry pickle =
          Collections.list(zip.getEntries()).stream()
              .filter(entry -> entry.getName().matches("[^/]*/data\\.pkl"))
              .findFirst()
              .orElseThrow(() -> new BadDataException(file, "an entry data.pkl", "none"));
      String root = pickle.getName().substring(0, pickle.getName().indexOf('/') + 1);
      Map<String, Place> places = new LinkedHashMap<>();
      Set<String> checked = new HashSet<>();
      for (Map.Entry<String, Tensor> named :
          TensorPickle.read(file, read(file, zip, pickle)).entrySet()) {
        String entry = root + "data/" + named.getValue().key();
        long position = position(file, zip.getEntry(entry), entry, named.getValue());
        if (checked.add(entry)) {
          check(file, zip.getEntry(entry));
        }
        places.put(named.getKey(), new Place(file, named.getValue(), position));
      }
      return places;
    } catch (IOException e) {
      throw new BadDataException(
          file, "a zip, as torch.save writes it", String.valueOf(e.getMessage()));
    }
  }

  private static void checkFormat(Path file) throws IOException {
    byte[] start;
    try (InputStream in = Files.newInputStream(file)) {
      start = in.readNBytes(BEFORE_1_6.length);
    }
    if (Arrays.equals(start, BEFORE_1_6)) {
      throw new BadDataException(
          file,
          "a zip, as torch.save writes it since torch 1.6",
          "the format before that; load and save it once with a newer torch");
    }
    if (!Arrays.equals(Arrays.copyOf(start, ZIP.length), ZIP)) {
      throw new BadDataException(file, "a zip, as torch.save writes it", "something else");
    }
  }

  private static byte[] read(Path file, ZipFile zip, ZipArchiveEntry pickle) throws IOException {
    if (pickle.getSize() > MAX_PICKLE_BYTES) {
      throw new BadDataException(
          file,
          String.format(Locale.ROOT, "a data.pkl of at most %d bytes", MAX_PICKLE_BYTES),
          String.format(Locale.ROOT, "%d", pickle.getSize()));
    }
    try (InputStream in = ZipChecks.checked(zip.getInputStream(pickle), pickle)) {
      return in.readAllBytes();
    }
  }

  /** Compares a storage with its checksum, where it is mapped. */
  private static void check(Path file, ZipArchiveEntry entry) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      CRC32 sum = new CRC32();
      for (long at = 0; at < entry.getSize(); at += MAX_MAPPED_BYTES) {
        long bytes = Math.min(MAX_MAPPED_BYTES, entry.getSize() - at);
        sum.update(channel.map(MapMode.READ_ONLY, entry.getDataOffset() + at, bytes));
      }
      ZipChecks.compare(sum, entry);
    }
  }

  private static long position(Path file, ZipArchiveEntry entry, String name, Tensor tensor)
      throws IOException {
    if (entry == null) {
      throw new BadDataException(file, "an entry " + name, "none");
    }
    long bytes = Math.multiplyExact(tensor.reach(), tensor.type().bytes());
    long end = entry.getDataOffset() + entry.getSize();
    if (entry.getMethod() != ZipEntry.STORED || entry.getSize() < bytes || end > Files.size(file)) {
      throw new BadDataException(
          file,
          String.format(Locale.ROOT, "an entry %s of %d bytes, stored", name, bytes),
          String.format(
              Locale.ROOT,
              "%d bytes%s",
              entry.getSize(),
              entry.getMethod() == ZipEntry.STORED ? "" : ", compressed"));
    }
    return entry.getDataOffset() + tensor.offset() * tensor.type().bytes();
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public Set<String> names() {
    return Collections.unmodifiableSet(places.keySet());
  }

  @Override
  public Stored stored(String name) {
    Place place = place(name);
    return new Stored(place.file(), place.tensor().type(), place.tensor().shape());
  }

  private Place place(String name) {
    return Objects.requireNonNull(places.get(name), name);
  }

  @Override
  public ByteBuffer bytes(String name) throws IOException {
    Place place = place(name);
    Tensor tensor = place.tensor();
    long numbers = tensor.elements() == 0 ? 0 : tensor.reach() - tensor.offset();
    try (FileChannel channel = FileChannel.open(place.file(), StandardOpenOption.READ)) {
      ByteBuffer mapped =
          channel
              .map(MapMode.READ_ONLY, place.position(), numbers * tensor.type().bytes())
              .order(ByteOrder.LITTLE_ENDIAN);
      return tensor.contiguous() ? mapped : inRows(mapped, tensor);
    }
  }

  /** A transposed tensor, say, copied into the order of rows. */
  private static ByteBuffer inRows(ByteBuffer mapped, Tensor tensor) {
    int size = tensor.type().bytes();
    int bytes = Math.toIntExact(Math.multiplyExact(tensor.elements(), size));
    ByteBuffer rows = ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long[] at = new long[tensor.shape().size()];
    while (rows.hasRemaining()) {
      long from = 0;
      for (int d = 0; d < at.length; d++) {
        from += at[d] * tensor.strides().get(d);
      }
      rows.put(rows.position(), mapped, (int) from * size, size);
      rows.position(rows.position() + size);
      for (int d = at.length - 1; d >= 0 && ++at[d] == tensor.shape().get(d); d--) {
        at[d] = 0;
      }
    }
    return rows.flip();
  }

  @Override
  public void close() {
    // Nothing is held open; what is mapped goes with its buffers.
  }
}
