/** The catalogue of poolers: plugin jars, their class loaders, and what a pooler spec names. */
@NullMarked
package dev.poolmark.evaluator.plugin;

import org.jspecify.annotations.NullMarked;
