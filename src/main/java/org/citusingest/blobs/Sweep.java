package org.citusingest.blobs;

/** A consumer that can be asked to look for blobs before its time. */
public interface Sweep {
    /** Lists and loads at once, or as soon as the poll that goes on has ended. */
    void sweepNow();
}
