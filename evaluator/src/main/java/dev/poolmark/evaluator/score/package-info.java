/**
 * From measurements to the points of the contest: the formulas, and fitting them to real grades.
 */
@NullMarked
package dev.poolmark.evaluator.score;

import org.jspecify.annotations.NullMarked;
