/** Sentences from text files: pairs, triplets and corpora. */
package dev.poolmark.evaluator.sentences;
