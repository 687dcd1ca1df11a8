package dev.poolmark.evaluator.tuning;

import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * What all phases of a tuning work with.
 *
 * @param crew does the work
 * @param seed of the search, and of each training
 * @param refit whether the best is to be trained once more
 * @param listener is told how it goes
 * @param cancelled whether somebody asked for the end
 */
record Session(
    Crew crew,
    Budget budget,
    TuneFolder folder,
    long seed,
    boolean refit,
    Consumer<TuneEvent> listener,
    BooleanSupplier cancelled) {}
