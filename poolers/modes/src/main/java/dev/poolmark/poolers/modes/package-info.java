/** The pooling modes of sentence-transformers, by its names. */
@NullMarked
package dev.poolmark.poolers.modes;

import org.jspecify.annotations.NullMarked;
