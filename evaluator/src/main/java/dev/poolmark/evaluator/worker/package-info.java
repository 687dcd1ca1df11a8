/**
 * Where poolers run: a child process, its parent's end, and what the two say to each other. A
 * pooler's fault costs the child and no other.
 */
@NullMarked
package dev.poolmark.evaluator.worker;

import org.jspecify.annotations.NullMarked;
