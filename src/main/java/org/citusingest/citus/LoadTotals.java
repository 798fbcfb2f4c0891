package org.citusingest.citus;

/**
 * What came of a load: the body after {@code citus:}, and after a split that ends in it.
 *
 * @param loadId the id in the ledger
 * @param rowsCopied how many rows were copied; 0 when it had been loaded before
 * @param rowsRejected how many rows were rejected
 * @param alreadyLoaded whether the ledger knew it as loaded, so that nothing was copied
 */
public record LoadTotals(long loadId, long rowsCopied, long rowsRejected, boolean alreadyLoaded) {}
