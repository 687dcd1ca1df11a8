/** What another module adds to the command line. */
@NullMarked
package dev.poolmark.evaluator.command;

import org.jspecify.annotations.NullMarked;
