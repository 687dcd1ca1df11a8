/** Texts to sentence embeddings: a model of an encoder and a pooler, and search by it. */
@NullMarked
package dev.poolmark.evaluator.text;

import org.jspecify.annotations.NullMarked;
