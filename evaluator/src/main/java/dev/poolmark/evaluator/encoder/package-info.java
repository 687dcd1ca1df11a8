/** Token encoders: a tokenizer and a transformer, by ONNX Runtime or libtorch. */
package dev.poolmark.evaluator.encoder;
