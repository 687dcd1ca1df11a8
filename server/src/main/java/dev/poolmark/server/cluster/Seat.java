package dev.poolmark.server.cluster;

import io.vertx.core.net.HostAndPort;
import java.util.Optional;

/**
 * A node's place among the nodes.
 *
 * @param incarnation tells two servers apart that had the same name one after the other
 * @param clustered whether others may be there beside it
 * @param bus where it hears others; none where it is alone, or where that is told later
 * @param secret what only nodes of this database know
 */
record Seat(
    String name, String incarnation, boolean clustered, Optional<HostAndPort> bus, String secret) {}
