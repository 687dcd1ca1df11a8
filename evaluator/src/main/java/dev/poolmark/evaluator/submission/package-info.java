/**
 * A pooler becomes what others take: the zip of the contest's grader, checked in a real Python, or
 * a folder of sentence-transformers.
 */
@NullMarked
package dev.poolmark.evaluator.submission;

import org.jspecify.annotations.NullMarked;
