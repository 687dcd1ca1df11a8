/** The contest's rules, as constants and checks. */
package dev.poolmark.evaluator.contest;
