/** Token embeddings of pairs, triplets and corpora: from text files to a token store. */
@NullMarked
package dev.poolmark.evaluator.dataset;

import org.jspecify.annotations.NullMarked;
