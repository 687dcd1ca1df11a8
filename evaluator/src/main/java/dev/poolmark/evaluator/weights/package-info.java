/** Named tensors as models are published with them: safetensors, in shards or one, and pickled. */
package dev.poolmark.evaluator.weights;
