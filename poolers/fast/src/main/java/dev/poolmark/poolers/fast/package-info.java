/** Fast forms of common poolings, each with the reason why it is right. */
@NullMarked
package dev.poolmark.poolers.fast;

import org.jspecify.annotations.NullMarked;
