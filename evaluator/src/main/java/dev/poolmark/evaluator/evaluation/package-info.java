/** The story of an evaluation: a request, the run with its progress, and the report. */
@NullMarked
package dev.poolmark.evaluator.evaluation;

import org.jspecify.annotations.NullMarked;
