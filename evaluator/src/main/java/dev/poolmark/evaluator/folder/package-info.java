/** Model folders of sentence-transformers: read, checked, opened as an encoder and a pooler. */
@NullMarked
package dev.poolmark.evaluator.folder;

import org.jspecify.annotations.NullMarked;
