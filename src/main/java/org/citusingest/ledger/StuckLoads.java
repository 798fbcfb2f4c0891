package org.citusingest.ledger;

/**
 * Loads that nobody brings to an end.
 *
 * @param abandoned those whose lease has ended and that nobody has taken over: no running route
 *     claims them
 * @param inDoubt those that are committed, and on Citus not on all nodes yet
 */
public record StuckLoads(long abandoned, long inDoubt) {}
