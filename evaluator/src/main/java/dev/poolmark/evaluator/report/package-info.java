/** Renders what was measured, in the formats that people and programs read; computes nothing. */
@NullMarked
package dev.poolmark.evaluator.report;

import org.jspecify.annotations.NullMarked;
