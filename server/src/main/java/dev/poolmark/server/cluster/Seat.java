package dev.poolmark.server.cluster;

/**
 * A node's place among the nodes.
 *
 * @param incarnation tells two servers apart that had the same name one after the other
 * @param clustered whether others may be there beside it
 */
public record Seat(String name, String incarnation, boolean clustered) {}
