/** Texts over HTTP: embeddings, similarities and ranks, as text-embeddings-inference has them. */
@NullMarked
package dev.poolmark.server.http.text;

import org.jspecify.annotations.NullMarked;
