/**
 * The server's child: takes requests and tells events as JSON lines, so that a pooler's fault costs
 * this process and no other.
 */
package dev.poolmark.evaluator.worker;
