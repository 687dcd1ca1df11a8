/** Texts to embeddings: collected over all requests into batches, encoded by a child process. */
@NullMarked
package dev.poolmark.server.text;

import org.jspecify.annotations.NullMarked;
