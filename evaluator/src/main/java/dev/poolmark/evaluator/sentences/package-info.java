/** Sentences from text files: pairs, triplets and corpora. */
@NullMarked
package dev.poolmark.evaluator.sentences;

import org.jspecify.annotations.NullMarked;
