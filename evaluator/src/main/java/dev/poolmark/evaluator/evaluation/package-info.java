/** The story of an evaluation: a request, the run with its progress, and the report. */
package dev.poolmark.evaluator.evaluation;
