/** Triplets and a corpus, through poolers, to accuracy and retrieval figures. */
package dev.poolmark.evaluator.retrieval;
