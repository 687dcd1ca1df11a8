/**
 * What a node has, data sets, models and poolers by their content, and how it takes what it lacks
 * from a node that has it.
 */
@NullMarked
package dev.poolmark.server.stock;

import org.jspecify.annotations.NullMarked;
