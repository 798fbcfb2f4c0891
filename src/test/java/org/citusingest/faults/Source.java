package org.citusingest.faults;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/**
 * A blob whose rows have consecutive ids that no other blob has, so that each row can be found
 * again.
 *
 * @param blob its name
 * @param firstId the id of its first row
 * @param rows how many rows it has, bad ones too
 * @param bad the ids of the rows that are to be rejected
 */
public record Source(String blob, long firstId, int rows, List<Long> bad) {
    /** A blob without bad rows. */
    public static Source of(String blob, long firstId, int rows) {
        return new Source(blob, firstId, rows, List.of());
    }

    long lastId() {
        return firstId + rows - 1;
    }

    boolean has(long id) {
        return id >= firstId && id <= lastId();
    }

    int good() {
        return rows - bad.size();
    }

    /**
     * The blob as CSV: an id and a name. Half of the bad rows have no number as id, the others one
     * that is negative: no type is against that, but a constraint may be.
     */
    public String csv() {
        Set<Long> unwanted = Set.copyOf(bad);
        return LongStream.rangeClosed(firstId, lastId())
                .mapToObj(
                        id ->
                                (!unwanted.contains(id) ? "" : id % 2 == 0 ? "-" : "no")
                                        + id
                                        + ",name of "
                                        + id)
                .collect(Collectors.joining("\n", "id,name\n", "\n"));
    }
}
