/**
 * Connections below HTTP: how many there are, how requests are framed, how long clients may take.
 */
@NullMarked
package dev.poolmark.server.http.connection;

import org.jspecify.annotations.NullMarked;
