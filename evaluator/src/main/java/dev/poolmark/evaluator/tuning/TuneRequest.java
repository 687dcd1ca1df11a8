package dev.poolmark.evaluator.tuning;

import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * What to tune, and for how long.
 *
 * @param out the folder for all that comes of it
 * @param budget for everything, from the start of the command on
 * @param trials the most there may be
 * @param refit whether the best is trained once more, on the dev rows, too
 * @param resume whether to go on with the trials that are in {@code out}
 */
public record TuneRequest(
    Path out, Duration budget, OptionalInt trials, long seed, boolean refit, boolean resume) {}
