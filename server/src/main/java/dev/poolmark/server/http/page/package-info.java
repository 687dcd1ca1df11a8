/** The web page and its parts. */
@NullMarked
package dev.poolmark.server.http.page;

import org.jspecify.annotations.NullMarked;
