/** Batches of token embeddings: streamed from a store, and the loop that sorts, pads and pools. */
package dev.poolmark.evaluator.batch;
