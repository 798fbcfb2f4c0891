package org.citusingest.rows.parquet;

/** Says that bytes are not what Parquet has in their place; the reader says where they are. */
final class DamageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    DamageException(String message) {
        super(message);
    }
}
