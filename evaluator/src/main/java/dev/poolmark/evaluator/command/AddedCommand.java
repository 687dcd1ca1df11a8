package dev.poolmark.evaluator.command;

import java.util.concurrent.Callable;

/**
 * A picocli command that another module adds to {@code poolmark}, found by {@link
 * java.util.ServiceLoader}. It returns its exit code.
 */
public interface AddedCommand extends Callable<Integer> {}
