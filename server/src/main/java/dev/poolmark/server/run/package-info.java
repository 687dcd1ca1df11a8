/** Runs: what was asked for, where it stands, who watches it, and the database that keeps it. */
@NullMarked
package dev.poolmark.server.run;

import org.jspecify.annotations.NullMarked;
