/** Token encoders: a tokenizer and a transformer, by ONNX Runtime or libtorch. */
@NullMarked
package dev.poolmark.evaluator.encoder;

import org.jspecify.annotations.NullMarked;
