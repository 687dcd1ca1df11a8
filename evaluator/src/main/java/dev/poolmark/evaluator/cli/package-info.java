/** The command line: what each command reads, runs and prints, and its exit code. */
@NullMarked
package dev.poolmark.evaluator.cli;

import org.jspecify.annotations.NullMarked;
