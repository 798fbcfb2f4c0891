package org.citusingest.blobs;

/** What {@code blobs:} does in the place of a step. */
public enum Operation {
    /** Registers the blobs that the events in the body tell of. */
    register,
    /** Polls the container now. */
    sweep
}
