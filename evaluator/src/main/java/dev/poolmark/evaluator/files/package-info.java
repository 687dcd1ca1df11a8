/** Files written whole or not at all, hashes, and what is wrong with a file. */
package dev.poolmark.evaluator.files;
