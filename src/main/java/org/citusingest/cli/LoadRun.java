package org.citusingest.cli;

import java.util.List;

/** Loads going on in the background. */
public interface LoadRun {
    /** Whether something is still to be done. */
    boolean running();

    /** What kept a route from loading at all, in one line each. */
    List<String> errors();

    /** How far it is. */
    Progress progress();

    /**
     * How far the loads are.
     *
     * @param bytesDone bytes of blobs read
     * @param bytesTotal bytes of the blobs to be read, as far as they are known
     * @param rows rows copied
     */
    record Progress(long bytesDone, long bytesTotal, long rows) {}
}
