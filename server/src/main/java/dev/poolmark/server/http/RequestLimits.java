package dev.poolmark.server.http;

import java.time.Duration;

/**
 * How much the server takes.
 *
 * @param lanes runs at once
 * @param maxQueued runs that may wait
 * @param maxBodyBytes of token embeddings
 * @param runTimeout of a run that doesn't say
 */
public record RequestLimits(int lanes, int maxQueued, long maxBodyBytes, Duration runTimeout) {}
