/** What another module adds to the command line. */
package dev.poolmark.evaluator.command;
