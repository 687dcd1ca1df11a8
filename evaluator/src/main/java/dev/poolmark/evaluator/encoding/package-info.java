/** From sentences to files of token embeddings, and the bundled sample. */
@NullMarked
package dev.poolmark.evaluator.encoding;

import org.jspecify.annotations.NullMarked;
