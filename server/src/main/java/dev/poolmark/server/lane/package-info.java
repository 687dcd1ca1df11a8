/** Lanes: workers as the server's one thread takes them, so that no pooler runs in its process. */
@NullMarked
package dev.poolmark.server.lane;

import org.jspecify.annotations.NullMarked;
