package org.citusingest.ledger;

/**
 * A text that the input function of a type refuses.
 *
 * @param position which of the texts it is, counted from 0
 * @param sqlState the SQLSTATE
 * @param reason the server's words
 */
public record InputRefusal(int position, String sqlState, String reason) {}
