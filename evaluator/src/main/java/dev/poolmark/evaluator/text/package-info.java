/** Texts to sentence embeddings: a model of an encoder and a pooler, and search by it. */
package dev.poolmark.evaluator.text;
