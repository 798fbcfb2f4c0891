package org.citusingest.rows.parquet;

/** Counts what the pages that are open at a time take, and refuses what is too much. */
final class PageMemory {
    private final long most;
    private long taken;

    PageMemory(long most) {
        this.most = most;
    }

    /** Takes so many bytes more. */
    void take(long bytes) {
        taken += bytes;
        if (taken > most) {
            throw new DamageException(
                    "its pages take more than %d bytes at a time, which the option 'maxPageBytes' of the data format allows; if the file is meant to be so, give the process more memory or raise it, or write smaller pages"
                            .formatted(most));
        }
    }

    /** Gives so many bytes back. */
    void give(long bytes) {
        taken -= bytes;
    }
}
