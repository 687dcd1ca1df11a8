/** The contest's rules, as constants and checks. */
@NullMarked
package dev.poolmark.evaluator.contest;

import org.jspecify.annotations.NullMarked;
