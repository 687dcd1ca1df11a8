/** How much the server holds at once. */
@NullMarked
package dev.poolmark.server.http.place;

import org.jspecify.annotations.NullMarked;
