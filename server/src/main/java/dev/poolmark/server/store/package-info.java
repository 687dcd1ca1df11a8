/**
 * The database: its one connection, its thread, its tables' versions, and what it is to be away.
 */
@NullMarked
package dev.poolmark.server.store;

import org.jspecify.annotations.NullMarked;
