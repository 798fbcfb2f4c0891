package org.citusingest.ledger;

/**
 * What becomes of a version of a blob when another version of the same blob has been loaded by the
 * same pipeline. The constants are written as in a route.
 */
@SuppressWarnings("java:S115")
public enum Overwrite {
    /** It is a load of its own: its rows are added, those of the other version stay. */
    append,
    /** Its rows take the place of the other version's, in one transaction. */
    replace,
    /** It is skipped. */
    ignore,
    /** It fails, so that a person looks at it. */
    fail
}
