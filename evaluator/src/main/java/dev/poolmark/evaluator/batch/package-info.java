/** Batches of token embeddings: their memory, and the loop that sorts, pads and pools. */
@NullMarked
package dev.poolmark.evaluator.batch;

import org.jspecify.annotations.NullMarked;
