package org.citusingest.ledger;

import java.util.List;

/**
 * Loads that were claimed together and share a transaction: the value of {@link Claim#PROPERTY}
 * where an exchange has several.
 *
 * @param claims by their ids, in ascending order
 */
public record ClaimGroup(List<Claim> claims) {}
