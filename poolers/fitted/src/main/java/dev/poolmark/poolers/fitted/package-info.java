/** Poolers whose weights have a closed form: the training sentences give them, without labels. */
@NullMarked
package dev.poolmark.poolers.fitted;

import org.jspecify.annotations.NullMarked;
