/** Nodes: who serves a database, how each is named, and how they find each other. */
@NullMarked
package dev.poolmark.server.cluster;

import org.jspecify.annotations.NullMarked;
