/** Encoders as lines of torch: for each architecture its forward text, by the config of a model. */
package dev.poolmark.evaluator.transformer;
