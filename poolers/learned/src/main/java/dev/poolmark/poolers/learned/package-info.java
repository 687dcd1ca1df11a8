/** Poolers whose weights are trained, each blind to padding. */
@NullMarked
package dev.poolmark.poolers.learned;

import org.jspecify.annotations.NullMarked;
