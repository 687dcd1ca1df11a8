/** Labelled pairs and a pooler with weights become a trained model's folder. */
@NullMarked
package dev.poolmark.evaluator.training;

import org.jspecify.annotations.NullMarked;
