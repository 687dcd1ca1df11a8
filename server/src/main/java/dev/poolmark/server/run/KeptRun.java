package dev.poolmark.server.run;

import io.vertx.core.json.JsonArray;
import org.jspecify.annotations.Nullable;

/**
 * A run that is done, with what it takes to compare it with others.
 *
 * @param pairScores the gzipped CSV of its pairs
 * @param passes what its passes took; null where an older server kept none
 */
public record KeptRun(Run run, byte[] pairScores, @Nullable JsonArray passes) {}
