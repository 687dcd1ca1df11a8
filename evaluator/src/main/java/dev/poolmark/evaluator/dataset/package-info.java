/** Token embeddings of pairs, triplets and corpora: from text files to a token store. */
package dev.poolmark.evaluator.dataset;
