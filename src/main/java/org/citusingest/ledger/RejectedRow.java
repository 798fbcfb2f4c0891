package org.citusingest.ledger;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/**
 * A row that is not in its table, and why.
 *
 * @param rowNumber the number of the row in its source, counted from 1 without the header
 * @param byteOffset where it starts in the decompressed source; -1 when not known
 * @param raw the row as it stands in its source, without the line end
 * @param table the table, as it is written in SQL
 * @param column the column whose value was refused; null when it is not one column
 * @param sqlState the SQLSTATE of the refusal
 * @param reason the words of the server, or ours where it was not asked
 */
@SuppressWarnings("ArrayRecordComponent") // bytes on their way to a column, compared by nobody
public record RejectedRow(
        long rowNumber,
        long byteOffset,
        byte[] raw,
        String table,
        String column,
        String sqlState,
        String reason) {
    private static final String HEX = "\\x";

    /**
     * The row as it stands; or as {@code \x} and hexadecimal digits, as PostgreSQL writes bytes,
     * where it is not UTF-8, has a NUL, or begins with {@code \x} itself.
     */
    public String rawText() {
        try {
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(raw)).toString();
            if (!text.startsWith(HEX) && text.indexOf('\0') < 0) {
                return text;
            }
        } catch (CharacterCodingException e) {
            // Told as bytes below.
        }
        return HEX + HexFormat.of().formatHex(raw);
    }
}
