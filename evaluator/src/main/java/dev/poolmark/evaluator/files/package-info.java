/** Files written whole or not at all, hashes, and what is wrong with a file. */
@NullMarked
package dev.poolmark.evaluator.files;

import org.jspecify.annotations.NullMarked;
