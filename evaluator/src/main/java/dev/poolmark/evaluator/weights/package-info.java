/** Named tensors as models are published with them: safetensors, in shards or one, and pickled. */
@NullMarked
package dev.poolmark.evaluator.weights;

import org.jspecify.annotations.NullMarked;
