package dev.poolmark.evaluator.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.poolmark.evaluator.dataset.Layout;
import dev.poolmark.evaluator.dataset.TokenStore;
import dev.poolmark.evaluator.dataset.TokenStoreWriter;
import dev.poolmark.evaluator.files.BadDataException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GroupedFoldsTest {

  @TempDir private Path folder;

  @Test
  void rowsThatShareASentenceThroughAThirdRowAreOneGroup() throws IOException {
    // 0 and 1 share the sentence 2, 1 and 2 share 3; 3 stands alone.
    try (TokenStore store = store(new int[] {1, 2, 3, 7}, new int[] {2, 3, 9, 8})) {
      int[] groups = GroupedFolds.bySentence(store).groups();
      assertEquals(groups[0], groups[1]);
      assertEquals(groups[1], groups[2]);
      assertEquals(2, GroupedFolds.bySentence(store).count());
    }
  }

  @Test
  void noSentenceStandsInTwoFoldsAndNoRowIsLost() throws IOException {
    Random random = new Random(3);
    int[] first = random.ints(300, 0, 900).toArray();
    int[] second = random.ints(300, 0, 900).toArray();
    try (TokenStore store = store(first, second)) {
      List<DataRows.Split> folds = GroupedFolds.bySentence(store).folds(store, 4, 1);
      Set<Integer> rows = new HashSet<>();
      for (DataRows.Split fold : folds) {
        Set<Integer> aside = sentences(fold.dev(), first, second);
        aside.retainAll(sentences(fold.train(), first, second));
        assertEquals(Set.of(), aside);
        assertEquals(300, fold.dev().size() + fold.train().size());
        Arrays.stream(fold.dev().rows()).forEach(row -> assertTrue(rows.add(row)));
      }
      assertEquals(300, rows.size());
    }
  }

  @Test
  void rowsOfOneSourceStayTogether() throws IOException {
    int[] first = IntStream.range(0, 40).toArray();
    int[] second = IntStream.range(100, 140).toArray();
    List<String> sources = IntStream.range(0, 40).mapToObj(row -> "source" + row % 5).toList();
    try (TokenStore store = store(first, second)) {
      GroupedFolds folds = GroupedFolds.bySentence(store).andBySource(sources, 5);
      assertEquals(5, folds.count());
      for (DataRows.Split fold : folds.folds(store, 5, 1)) {
        assertEquals(1, Arrays.stream(fold.dev().rows()).mapToObj(sources::get).distinct().count());
      }
    }
  }

  @Test
  void fewerSourcesThanAskedForLeaveTheGroupsOfSentences() throws IOException {
    try (TokenStore store = store(new int[] {1, 2, 3, 4}, new int[] {5, 6, 7, 8})) {
      GroupedFolds bySentence = GroupedFolds.bySentence(store);
      List<String> sources = List.of("a", "a", "b", "b");
      assertEquals(2, bySentence.andBySource(sources, 2).count());
      assertEquals(4, bySentence.andBySource(sources, 3).count());
    }
  }

  @Test
  void rowsOfOneTopicStayTogetherWhereTheTokensTellTopicsApart() throws IOException {
    // Sentences of even rows point to one side, those of odd rows to the other.
    int[] first =
        IntStream.range(0, 200).map(row -> row % 2 == 0 ? 900 + row : -900 - row).toArray();
    int[] second = Arrays.stream(first).map(sentence -> 2 * sentence).toArray();
    try (TokenStore store = store(first, second)) {
      GroupedFolds bySentence = GroupedFolds.bySentence(store);
      for (DataRows.Split fold : bySentence.andByTopic(store, 2, 1).folds(store, 2, 1)) {
        assertEquals(100, fold.dev().size());
        assertEquals(1, Arrays.stream(fold.dev().rows()).map(row -> row % 2).distinct().count());
      }
      // Five topics of fifty rows can't be had of two hundred.
      assertEquals(200, bySentence.andByTopic(store, 5, 1).count());
    }
    int[] alone = IntStream.range(0, 200).map(row -> row == 7 ? -900 : 900 + row).toArray();
    try (TokenStore store = store(alone, Arrays.stream(alone).map(row -> 3 * row).toArray())) {
      GroupedFolds bySentence = GroupedFolds.bySentence(store);
      assertEquals(bySentence.count(), bySentence.andByTopic(store, 2, 1).count());
    }
  }

  @Test
  void aSplitHasTheShareThatWasAskedForAndNoSentenceOnBothSides() throws IOException {
    Random random = new Random(5);
    int[] first = random.ints(300, 0, 900).toArray();
    int[] second = random.ints(300, 0, 900).toArray();
    try (TokenStore store = store(first, second)) {
      GroupedFolds groups = GroupedFolds.bySentence(store);
      for (double share : new double[] {0.1, 0.3}) {
        DataRows.Split split = groups.split(DataRows.all(store), share, 1);
        assertEquals(300 * share, split.dev().size(), 1);
        assertEquals(300, split.train().size() + split.dev().size());
        Set<Integer> dev = sentences(split.dev(), first, second);
        dev.retainAll(sentences(split.train(), first, second));
        assertEquals(Set.of(), dev);
      }
      int[] some = IntStream.range(0, 100).toArray();
      DataRows.Split split = groups.split(new DataRows(store, some), 0.2, 1);
      assertEquals(100, split.train().size() + split.dev().size());
    }
  }

  @Test
  void rowsThatAllHangTogetherAreSplitAllTheSame() throws IOException {
    try (TokenStore store = store(new int[] {1, 1, 1, 1}, new int[] {2, 3, 4, 5})) {
      DataRows.Split split = GroupedFolds.bySentence(store).split(DataRows.all(store), 0.25, 1);
      assertEquals(1, split.dev().size());
      assertEquals(3, split.train().size());
    }
  }

  @Test
  void rowsThatAllHangTogetherCannotBeParted() throws IOException {
    try (TokenStore store = store(new int[] {1, 1, 1}, new int[] {2, 3, 4})) {
      GroupedFolds folds = GroupedFolds.bySentence(store);
      BadDataException e = assertThrows(BadDataException.class, () -> folds.folds(store, 2, 1));
      assertTrue(String.valueOf(e.getMessage()).contains("found 1 groups of rows"), e.getMessage());
    }
  }

  private static Set<Integer> sentences(DataRows rows, int[] first, int[] second) {
    Set<Integer> sentences = new HashSet<>();
    for (int row : rows.rows()) {
      sentences.add(first[row]);
      sentences.add(second[row]);
    }
    return sentences;
  }

  /** A sentence is one token that holds its number. */
  private TokenStore store(int[] first, int[] second) throws IOException {
    try (TokenStoreWriter writer = TokenStoreWriter.in(folder, Layout.PAIRS, 2)) {
      for (int sentence : first) {
        writer.append(new float[] {sentence, 1}, 1);
      }
      writer.nextSide();
      for (int sentence : second) {
        writer.append(new float[] {sentence, 1}, 1);
      }
      double[] labels = IntStream.range(0, first.length).mapToDouble(row -> row % 6).toArray();
      Path file = writer.commit("folds.safetensors", labels, "folds", "folds");
      return TokenStore.read(file, "folds");
    }
  }
}
