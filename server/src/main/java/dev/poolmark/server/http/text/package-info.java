/** Texts over HTTP: embeddings, similarities and ranks, as text-embeddings-inference has them. */
package dev.poolmark.server.http.text;
