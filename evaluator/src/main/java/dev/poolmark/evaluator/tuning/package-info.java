/** What kind of tokens these are, and which submission is the best for them. */
@NullMarked
package dev.poolmark.evaluator.tuning;

import org.jspecify.annotations.NullMarked;
