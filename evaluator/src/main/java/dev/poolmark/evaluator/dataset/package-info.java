/** Token embeddings of pairs, triplets and corpora: from text files to a token store to batches. */
package dev.poolmark.evaluator.dataset;
