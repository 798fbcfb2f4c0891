package org.citusingest.blobs;

import com.azure.storage.blob.BlobServiceClient;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import javax.sql.DataSource;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;
import org.citusingest.ledger.Ledger;

/** Claims the blob versions of a container that the ledger does not know as loaded. */
@Component("blobs")
public class BlobsComponent extends DefaultComponent {
    @Metadata(autowired = true)
    private BlobServiceClient serviceClient;

    @Metadata(autowired = true)
    private Ledger ledger;

    @Metadata(autowired = true, label = "advanced")
    private DataSource dataSource;

    private final Set<BlobsConsumer> consumers = new CopyOnWriteArraySet<>();
    private ExecutorService readThreads;
    private ExecutorService wakeThreads;

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters)
            throws Exception {
        BlobsEndpoint endpoint = new BlobsEndpoint(uri, this);
        endpoint.setContainer(remaining);
        setProperties(endpoint, parameters);
        return endpoint;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        // As many as there are ranges to download: how many that are is bounded by who reads them.
        readThreads =
                getCamelContext()
                        .getExecutorServiceManager()
                        .newCachedThreadPool(this, "blobs-read");
        wakeThreads =
                getCamelContext()
                        .getExecutorServiceManager()
                        .newCachedThreadPool(this, "blobs-woken");
    }

    @Override
    protected void doStop() throws Exception {
        getCamelContext().getExecutorServiceManager().shutdownNow(wakeThreads);
        getCamelContext().getExecutorServiceManager().shutdownNow(readThreads);
        super.doStop();
    }

    /** The threads that download the ranges of blobs. They end with the component. */
    Executor readThreads() {
        return readThreads;
    }

    /** The threads on which consumers load that were woken. They end with the component. */
    Executor wakeThreads() {
        return wakeThreads;
    }

    void started(BlobsConsumer consumer) {
        consumers.add(consumer);
    }

    void stopped(BlobsConsumer consumer) {
        consumers.remove(consumer);
    }

    /** The consumers that run. */
    Set<BlobsConsumer> consumers() {
        return consumers;
    }

    /**
     * Lets consumers claim at once what the ledger has for them.
     *
     * @param pipeline the one pipeline that is meant; empty for all
     */
    public void wake(Optional<String> pipeline) {
        for (BlobsConsumer consumer : consumers) {
            if (pipeline.isEmpty() || pipeline.get().equals(consumer.getRouteId())) {
                consumer.claim();
            }
        }
    }

    /** The ledger, or that of the data source. */
    Ledger ledger() {
        if (ledger == null) {
            if (dataSource == null) {
                throw new IllegalStateException(
                        "The component blobs has no ledger: bind a DataSource, or set its option ledger");
            }
            ledger = new Ledger(dataSource);
        }
        return ledger;
    }

    /** The client of the storage account. */
    BlobServiceClient client() {
        if (serviceClient == null) {
            throw new IllegalStateException(
                    "The component blobs has no storage account: bind a BlobServiceClient, or set its option serviceClient");
        }
        return serviceClient;
    }

    public BlobServiceClient getServiceClient() {
        return serviceClient;
    }

    /** The client of the storage account; azure-storage-blob shares it. */
    public void setServiceClient(BlobServiceClient serviceClient) {
        this.serviceClient = serviceClient;
    }

    public Ledger getLedger() {
        return ledger;
    }

    /**
     * The ledger in which blob versions are registered and claimed. Without one set, that of the
     * data source.
     */
    public void setLedger(Ledger ledger) {
        this.ledger = ledger;
    }

    public DataSource getDataSource() {
        return dataSource;
    }

    /** The database that holds the ledger. */
    public void setDataSource(DataSource dataSource) {
        this.dataSource = dataSource;
    }
}
