/** Forward lines and weights, written as a TorchScript archive and compiled by libtorch. */
@NullMarked
package dev.poolmark.evaluator.torch;

import org.jspecify.annotations.NullMarked;
