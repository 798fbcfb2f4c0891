package org.citusingest.ledger;

import java.util.List;

/**
 * The rejected rows of a load, to be loaded under a claim of their own.
 *
 * @param claim the claim of the replay; publishing it settles the rows with the load that rejected
 *     them
 * @param header the line before the first row of the source; empty where there was none
 * @param rows the rows that no replay has taken up
 */
@SuppressWarnings("ArrayRecordComponent") // bytes on their way to a parser, compared by nobody
public record Replay(Claim claim, byte[] header, List<RejectedRow> rows) {}
