package org.citusingest.blobs;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * Small blobs that were claimed together: the body of an exchange from {@code blobs:} with the
 * option {@code batchFiles}. While one is read, the next ones are downloaded.
 */
public final class BlobGroup implements Iterable<BlobReference>, AutoCloseable {
    /** As many requests at once as a storage account answers without making each wait. */
    private static final int REQUESTS = 16;

    private final List<BlobReference> blobs;

    BlobGroup(List<BlobReference> blobs) {
        this.blobs = blobs;
    }

    /** How many there are. */
    public int size() {
        return blobs.size();
    }

    /** The blobs in the order in which they were found. For one reader. */
    @Override
    public Iterator<BlobReference> iterator() {
        return new Iterator<>() {
            private int next;
            private int asked;

            @Override
            public boolean hasNext() {
                return next < blobs.size();
            }

            @Override
            public BlobReference next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                for (; asked < Math.min(next + REQUESTS, blobs.size()); asked++) {
                    blobs.get(asked).readAhead();
                }
                return blobs.get(next++);
            }
        };
    }

    /** Breaks off what is being downloaded and was not read. */
    @Override
    public void close() {
        blobs.forEach(BlobReference::forget);
    }

    @Override
    public String toString() {
        return blobs.size() + " blobs from " + blobs.get(0);
    }
}
