/** A pooler becomes the zip that the contest's grader takes, checked in a real Python. */
@NullMarked
package dev.poolmark.evaluator.submission;

import org.jspecify.annotations.NullMarked;
