package org.citusingest.blobs;

import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.models.BlobStorageException;
import com.azure.storage.blob.models.ListBlobsOptions;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.MultipleConsumersSupport;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.api.management.ManagedAttribute;
import org.apache.camel.api.management.ManagedResource;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.ScheduledPollEndpoint;
import org.citusingest.ledger.Overwrite;

/**
 * Claim the blobs of an Azure Storage container for loading, each version exactly once.
 *
 * <p>The container is listed page by page, each page is registered in the ledger, and what the
 * ledger does not know as loaded is claimed and handed on as a reference that opens when it is
 * read.
 */
@ManagedResource(description = "Blobs claimed from a container")
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "blobs",
        title = "Blobs",
        syntax = "blobs:container",
        category = {Category.CLOUD, Category.FILE},
        headersClass = BlobsConstants.class)
public class BlobsEndpoint extends ScheduledPollEndpoint implements MultipleConsumersSupport {
    private static final String ALL = "*";

    private final LongAdder told = new LongAdder();
    private final LongAdder listed = new LongAdder();
    private final LongAdder registered = new LongAdder();
    private final LongAdder claimed = new LongAdder();
    private final LongAdder bytesClaimed = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder bytesRead = new LongAdder();

    @UriPath(
            description =
                    "The name of the container. In the place of a step an asterisk stands for all of them")
    @Metadata(required = true)
    private String container;

    @UriParam private String include;

    @UriParam private String exclude;

    @UriParam(defaultValue = "5000")
    private int pageSize = 5000;

    @UriParam(defaultValue = "5")
    private int maxAttempts = 5;

    @UriParam(defaultValue = "append")
    private Overwrite onOverwrite = Overwrite.append;

    @UriParam(defaultValue = "3")
    private int readAhead = 3;

    @UriParam(defaultValue = "1")
    private int batchFiles = 1;

    @UriParam(defaultValue = "8388608")
    private long batchBytes = 8 << 20;

    @UriParam(defaultValue = "5s", javaType = "java.time.Duration")
    private long retryDelay = 5000;

    @UriParam(label = "producer")
    private Operation operation;

    public BlobsEndpoint(String uri, BlobsComponent component) {
        super(uri, component);
        setDelay(10_000);
    }

    /** A load belongs to its route: those with the same options load each version each. */
    @Override
    public boolean isMultipleConsumersSupported() {
        return true;
    }

    @Override
    public Consumer createConsumer(Processor processor) throws Exception {
        if (ALL.equals(container)) {
            throw new IllegalArgumentException(
                    "blobs:* stands for all containers in the place of a step only: name the container to load from");
        }
        BlobsConsumer consumer = new BlobsConsumer(this, processor);
        configureConsumer(consumer);
        return consumer;
    }

    @Override
    public Producer createProducer() {
        if (operation == null) {
            throw new IllegalArgumentException(
                    "blobs:%s in the place of a step needs operation=register or operation=sweep"
                            .formatted(container));
        }
        return new BlobsProducer(this);
    }

    @Override
    public BlobsComponent getComponent() {
        return (BlobsComponent) super.getComponent();
    }

    @Override
    protected void doInit() throws Exception {
        super.doInit();
        require(pageSize >= 1 && pageSize <= 5000, "pageSize", pageSize, "1 to 5000");
        require(maxAttempts >= 1, "maxAttempts", maxAttempts, "1 or more");
        require(batchFiles >= 1 && batchFiles <= 5000, "batchFiles", batchFiles, "1 to 5000");
        require(batchBytes >= 1, "batchBytes", batchBytes, "1 or more");
        require(readAhead >= 0 && readAhead <= 64, "readAhead", readAhead, "0 to 64");
        require(retryDelay >= 0, "retryDelay", retryDelay, "0 or more milliseconds");
    }

    private static void require(boolean holds, String option, long value, String allowed) {
        if (!holds) {
            throw new IllegalArgumentException(
                    "blobs: %s=%d is not allowed; it must be %s".formatted(option, value, allowed));
        }
    }

    /** The container, as the storage account knows it. */
    BlobContainerClient containerClient() {
        return getComponent().client().getBlobContainerClient(container);
    }

    /**
     * Looks whether the container can be listed. Writes nothing.
     *
     * @return whether a blob is in it
     * @throws StorageException what is wrong and how to mend it
     */
    public boolean check() {
        try {
            return containerClient()
                    .listBlobs(
                            new ListBlobsOptions().setMaxResultsPerPage(1), Duration.ofSeconds(30))
                    .iterator()
                    .hasNext();
        } catch (BlobStorageException e) {
            throw new StorageException(BlobFailure.describe(e, container), e);
        }
    }

    void listed(int blobs, int unknown) {
        listed.add(blobs);
        registered.add(unknown);
    }

    /** An event has told of a blob. */
    void told(boolean unknown) {
        told.increment();
        if (unknown) {
            registered.increment();
        }
    }

    /** Whether what stands in the place of a step means this container too. */
    boolean covers(String other) {
        return ALL.equals(container) || container.equals(other);
    }

    void claimed(long bytes) {
        claimed.increment();
        bytesClaimed.add(bytes);
    }

    void failed() {
        failed.increment();
    }

    void read(long bytes) {
        bytesRead.add(bytes);
    }

    @ManagedAttribute(description = "Blobs seen in listings")
    public long getBlobsListed() {
        return listed.sum();
    }

    @ManagedAttribute(description = "Blobs that events have told of")
    public long getBlobsTold() {
        return told.sum();
    }

    @ManagedAttribute(description = "Blob versions that were new to the ledger")
    public long getBlobsRegistered() {
        return registered.sum();
    }

    @ManagedAttribute(description = "Blob versions claimed for loading")
    public long getBlobsClaimed() {
        return claimed.sum();
    }

    @ManagedAttribute(description = "Bytes of the blob versions claimed")
    public long getBytesClaimed() {
        return bytesClaimed.sum();
    }

    @ManagedAttribute(description = "Blob versions whose loading failed, each attempt counted")
    public long getBlobsFailed() {
        return failed.sum();
    }

    @ManagedAttribute(description = "Bytes read from blobs")
    public long getBytesRead() {
        return bytesRead.sum();
    }

    public String getContainer() {
        return container;
    }

    public void setContainer(String container) {
        this.container = container;
    }

    public String getInclude() {
        return include;
    }

    /**
     * Which blobs are loaded, as patterns of their names separated by commas: {@code *} stands for
     * any characters within a folder, {@code **} for any characters, {@code ?} for one. What all
     * patterns begin with is left to the server to look for. All blobs by default.
     */
    public void setInclude(String include) {
        this.include = include;
    }

    public String getExclude() {
        return exclude;
    }

    /**
     * Which of the included blobs are not loaded, as patterns like those of {@code include}. None
     * by default.
     */
    public void setExclude(String exclude) {
        this.exclude = exclude;
    }

    public int getPageSize() {
        return pageSize;
    }

    /**
     * How many blobs a page of the listing has, which is registered in the ledger by one statement:
     * 1 to 5000.
     */
    public void setPageSize(int pageSize) {
        this.pageSize = pageSize;
    }

    public int getMaxAttempts() {
        return maxAttempts;
    }

    /**
     * How often a blob version is tried when its loading was interrupted, such as by a lost
     * connection or the death of its process. A bad file is tried once; while the database cannot
     * be reached, or the storage refuses or is overloaded, no attempt is counted.
     */
    public void setMaxAttempts(int maxAttempts) {
        this.maxAttempts = maxAttempts;
    }

    public Overwrite getOnOverwrite() {
        return onOverwrite;
    }

    /**
     * What becomes of a version of a blob when another version of it has been loaded: {@code
     * append}, its rows are added; {@code replace}, they take the place of the other version's, for
     * which the table needs a column {@code _load_id}; {@code ignore}, it is skipped; {@code fail},
     * it fails.
     */
    public void setOnOverwrite(Overwrite onOverwrite) {
        this.onOverwrite = onOverwrite;
    }

    public int getBatchFiles() {
        return batchFiles;
    }

    /**
     * How many small blobs may be claimed and loaded in one exchange. Their rows share a COPY and
     * become visible in one moment; each has its own row in the ledger, and one that fails leaves
     * the others alone. The steps of the route then get several blobs at once: {@code unmarshal}
     * with {@code delimited} and {@code citus:} take them, other steps may not, and the headers of
     * a single blob are not set. By default each blob is an exchange.
     */
    public void setBatchFiles(int batchFiles) {
        this.batchFiles = batchFiles;
    }

    public long getBatchBytes() {
        return batchBytes;
    }

    /** How many bytes the blobs of one exchange may have in all, unless it has only one. */
    public void setBatchBytes(long batchBytes) {
        this.batchBytes = batchBytes;
    }

    public int getReadAhead() {
        return readAhead;
    }

    /**
     * How many ranges of 8 MiB of a blob are downloaded while the one before them is read: 0 to 64.
     * A large blob that is read takes the memory of so many ranges and of one more.
     */
    public void setReadAhead(int readAhead) {
        this.readAhead = readAhead;
    }

    public long getRetryDelay() {
        return retryDelay;
    }

    /**
     * How long a blob version waits for its second attempt; it waits twice as long for each further
     * one.
     */
    public void setRetryDelay(long retryDelay) {
        this.retryDelay = retryDelay;
    }

    public Operation getOperation() {
        return operation;
    }

    /**
     * What is done in the place of a step: {@code register} registers the blobs that the body tells
     * of, which is one event or an array of events of Azure Blob Storage, of the Event Grid schema
     * or of CloudEvents, as JSON or as JSON in base64, for each running route that loads such
     * blobs; {@code sweep} lets the running routes that load from the container look into it now.
     */
    public void setOperation(Operation operation) {
        this.operation = operation;
    }
}
