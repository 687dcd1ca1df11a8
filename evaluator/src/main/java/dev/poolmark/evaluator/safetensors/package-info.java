/** Reads and writes safetensors files: a JSON header, then the bytes of named tensors. */
@NullMarked
package dev.poolmark.evaluator.safetensors;

import org.jspecify.annotations.NullMarked;
