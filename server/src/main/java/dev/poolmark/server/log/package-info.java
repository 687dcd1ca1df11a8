/** How the server's log is written: by java.util.logging, to the standard error. */
@NullMarked
package dev.poolmark.server.log;

import org.jspecify.annotations.NullMarked;
