/** Who may use the server, and the login that a browser shows. */
@NullMarked
package dev.poolmark.server.http.access;

import org.jspecify.annotations.NullMarked;
