/** What kind of tokens these are, and which submission is the best for them. */
package dev.poolmark.evaluator.tuning;
