package org.citusingest.demo;

import com.azure.storage.blob.BlobClient;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClient;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;

/** Files to load: access logs in the container logs, and the sites in the container reference. */
public final class SampleData {
    /** The container of the access logs; their blobs match {@code http/**.csv*}. */
    public static final String LOGS = "logs";

    /** The container of the list of sites. */
    public static final String REFERENCE = "reference";

    private static final int PARTS = 5;
    private static final int PART_SECONDS = 12 * 60;
    private static final Instant START = Instant.parse("2026-11-01T10:00:00Z");

    private final long seed;
    private final int rowsPerPart;

    /** Some 300,000 rows, the same on every machine. */
    public SampleData() {
        this(20261101, 50_000);
    }

    /**
     * Data of another size or content.
     *
     * @param seed what the rows are drawn from; the same seed gives the same bytes
     * @param rowsPerPart the rows of each of the six big files
     */
    public SampleData(long seed, int rowsPerPart) {
        this.seed = seed;
        this.rowsPerPart = rowsPerPart;
    }

    /** All blobs in the order of their names. */
    public List<SampleBlob> blobs() {
        List<SampleBlob> blobs = new ArrayList<>();
        for (int part = 0; part < PARTS; part++) {
            Instant from = START.plusSeconds((long) part * PART_SECONDS);
            SampleRequests requests =
                    new SampleRequests(seed + part, rowsPerPart, from, PART_SECONDS);
            String name = String.format(Locale.ROOT, "http/2026-11-01/part-%03d.csv", part);
            blobs.add(new SampleBlob(LOGS, name, rowsPerPart, requests::writeTo));
        }
        blobs.add(new SampleBlob(LOGS, "http/2026-11-02/empty.csv", 0, out -> {}));
        // Its minutes are those of the parts: a summary has to add to what it has.
        SampleRequests late =
                new SampleRequests(seed + PARTS, rowsPerPart, START, PARTS * PART_SECONDS);
        blobs.add(
                new SampleBlob(
                        LOGS,
                        "http/2026-11-02/late.csv.gz",
                        rowsPerPart,
                        out -> writeCompressed(late, out)));
        blobs.add(
                new SampleBlob(
                        LOGS,
                        "http/2026-11-02/ugly.csv",
                        UglyRequests.ROWS,
                        UglyRequests::writeTo));
        blobs.add(
                new SampleBlob(
                        REFERENCE, "sites/sites.csv", SampleSites.ROWS, SampleSites::writeTo));
        return List.copyOf(blobs);
    }

    /** How many rows the blobs of a container have together. */
    public long rows(String container) {
        return blobs().stream()
                .filter(blob -> blob.container().equals(container))
                .mapToLong(SampleBlob::rows)
                .sum();
    }

    /**
     * Uploads a blob where storage has none of its name: writing it again would make a new version
     * with the same rows, which is a new load.
     *
     * @return whether it was uploaded
     */
    public static boolean upload(BlobServiceClient storage, SampleBlob blob) throws IOException {
        BlobContainerClient container = storage.getBlobContainerClient(blob.container());
        container.createIfNotExists();
        BlobClient target = container.getBlobClient(blob.name());
        if (target.exists()) {
            return false;
        }
        try (OutputStream out =
                new BufferedOutputStream(
                        target.getBlockBlobClient().getBlobOutputStream(), 1 << 20)) {
            blob.content().writeTo(out);
        }
        return true;
    }

    private static void writeCompressed(SampleRequests requests, OutputStream out)
            throws IOException {
        GZIPOutputStream gzip = new GZIPOutputStream(out, 1 << 16);
        requests.writeTo(gzip);
        gzip.finish();
    }
}
