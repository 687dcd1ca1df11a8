/** Lanes: workers as the server's one thread takes them, so that no pooler runs in its process. */
package dev.poolmark.server.lane;
