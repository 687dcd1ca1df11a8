/** Encoders as lines of torch: for each architecture its forward text, by the config of a model. */
@NullMarked
package dev.poolmark.evaluator.transformer;

import org.jspecify.annotations.NullMarked;
