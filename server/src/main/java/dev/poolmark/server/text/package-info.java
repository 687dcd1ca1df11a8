/** Texts to embeddings: collected over all requests into batches, encoded by a child process. */
package dev.poolmark.server.text;
