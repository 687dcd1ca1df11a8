/** Batches of token embeddings: their memory, and the loop that sorts, pads and pools. */
package dev.poolmark.evaluator.batch;
