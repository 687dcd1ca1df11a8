/** What the network sees: routes, who may use them, live progress, and the pages. */
@NullMarked
package dev.poolmark.server.http;

import org.jspecify.annotations.NullMarked;
