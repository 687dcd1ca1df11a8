/** How close two embeddings are, and how well closeness follows the labels; knows only the JDK. */
@NullMarked
package dev.poolmark.evaluator.metric;

import org.jspecify.annotations.NullMarked;
