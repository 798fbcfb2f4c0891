package org.citusingest.blobs;

import com.azure.core.util.Context;
import com.azure.storage.blob.BlobClient;
import com.azure.storage.blob.models.BlobRange;
import com.azure.storage.blob.models.BlobRequestConditions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.SeekableByteChannel;
import java.util.concurrent.Executor;
import java.util.function.LongConsumer;
import org.citusingest.ledger.Failpoint;

/**
 * A version of a blob that has not been opened: the body of an exchange from {@code blobs:}.
 * Nothing is downloaded before {@link #open()}, and every download asks for this version and no
 * other.
 */
public final class BlobReference {
    private final BlobClient client;
    private final String etag;
    private final long sizeBytes;
    private final int readAhead;
    private final Executor threads;
    private final LongConsumer bytesRead;
    private ReadAheadStream ahead;

    /**
     * @param readAhead how many ranges are downloaded by the threads while one is read
     */
    BlobReference(
            BlobClient client,
            String etag,
            long sizeBytes,
            int readAhead,
            Executor threads,
            LongConsumer bytesRead) {
        this.client = client;
        this.etag = etag;
        this.sizeBytes = sizeBytes;
        this.readAhead = readAhead;
        this.threads = threads;
        this.bytesRead = bytesRead;
    }

    /** The name of the blob within its container. */
    public String name() {
        return client.getBlobName();
    }

    /** The name of the container. */
    public String container() {
        return client.getContainerName();
    }

    /** The version. */
    public String etag() {
        return etag;
    }

    /** The size in bytes. */
    public long sizeBytes() {
        return sizeBytes;
    }

    /**
     * Opens the blob. The stream reads one range after the other, and the next ones ahead; a
     * version that was overwritten or deleted in the meantime is an error (412 or 404), never a
     * mixture.
     */
    public InputStream open() {
        // A thread more would not make the only range come sooner.
        boolean one = sizeBytes <= ReadAheadStream.RANGE_BYTES;
        InputStream stream = ahead == null ? stream(one ? 0 : readAhead) : ahead;
        ahead = null;
        Failpoint.AFTER_OPEN.reach();
        return new CountingInputStream(stream, bytesRead);
    }

    /**
     * Opens the blob for reading in any order: each read is answered by as few requests as it
     * takes, each of them for this version and no other, as in {@link #open()}.
     */
    public SeekableByteChannel channel() {
        Failpoint.AFTER_OPEN.reach();
        return new BlobChannel(
                sizeBytes, (from, end) -> new CountingInputStream(stream(from, end), bytesRead));
    }

    /** Whether {@link #open()} gives what is being downloaded already. */
    boolean isReadAhead() {
        return ahead != null;
    }

    private ReadAheadStream stream(int rangesAhead) {
        return new ReadAheadStream(0, sizeBytes, rangesAhead, threads, this::download);
    }

    private ReadAheadStream stream(long from, long end) {
        boolean one = end - from <= ReadAheadStream.RANGE_BYTES;
        return new ReadAheadStream(from, end, one ? 0 : readAhead, threads, this::download);
    }

    /** Starts to download for an {@link #open} that is to come, where blobs are read ahead. */
    void readAhead() {
        if (readAhead > 0) {
            ahead = stream(readAhead);
        }
    }

    /** Breaks off what {@link #readAhead} has started and nobody has opened. */
    void forget() {
        if (ahead != null) {
            ahead.close();
            ahead = null;
        }
    }

    /**
     * One request. One that breaks off is repeated by the storage client from where it broke off.
     */
    private void download(RangeBuffer range) throws IOException {
        boolean whole = range.length() == sizeBytes;
        client.downloadStreamWithResponse(
                range,
                whole ? null : new BlobRange(range.from(), (long) range.length()),
                null,
                new BlobRequestConditions().setIfMatch(quoted(etag)),
                false,
                null,
                Context.NONE);
        range.requireFull();
    }

    /** The listing gives the ETag bare, a condition wants it in quotes. */
    private static String quoted(String etag) {
        return etag.startsWith("\"") ? etag : '"' + etag + '"';
    }

    @Override
    public String toString() {
        return container() + "/" + name() + "@" + etag;
    }
}
