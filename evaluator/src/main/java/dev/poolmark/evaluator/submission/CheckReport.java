package dev.poolmark.evaluator.submission;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;

/**
 * What was checked of a submission, a pooler or a plugin.
 *
 * @param subject what it is: the file's name or the pooler's spec
 * @param checks in the order in which they were made
 */
public record CheckReport(String subject, List<Check> checks) {

  /**
   * @param name what was checked
   * @param found how it is, or in one line what was expected and what is wrong
   */
  public record Check(@JsonProperty("check") String name, boolean holds, String found) {}

  public CheckReport {
    checks = List.copyOf(checks);
  }

  /** Whether all of it holds. */
  @JsonProperty
  public boolean holds() {
    return checks.stream().allMatch(Check::holds);
  }

  /** Whether that check was made and does not hold. */
  public boolean failed(String name) {
    return checks.stream().anyMatch(check -> check.name().equals(name) && !check.holds());
  }
}
