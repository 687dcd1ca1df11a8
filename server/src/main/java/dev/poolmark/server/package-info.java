/** The server, and with it the distribution. */
@NullMarked
package dev.poolmark.server;

import org.jspecify.annotations.NullMarked;
