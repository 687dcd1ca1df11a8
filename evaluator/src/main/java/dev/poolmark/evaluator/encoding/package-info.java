/** From sentences to files of token embeddings, and the bundled sample. */
package dev.poolmark.evaluator.encoding;
