/** Triplets and a corpus, through poolers, to accuracy and retrieval figures. */
@NullMarked
package dev.poolmark.evaluator.retrieval;

import org.jspecify.annotations.NullMarked;
