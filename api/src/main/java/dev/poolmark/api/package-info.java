/**
 * What the author of a pooler plugin needs, and nothing else.
 *
 * <p>A plugin whose manifest says {@code Poolmark-Api: 1} was built against these classes, DJL 0.28
 * and SLF4J 2.0. What breaks such a plugin, be it a change of these classes or of those versions,
 * is {@code Poolmark-Api: 2}. The host offers no other class of its own.
 */
@NullMarked
package dev.poolmark.api;

import org.jspecify.annotations.NullMarked;
