package org.citusingest.citus;

import java.io.Closeable;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.spi.ExecutorServiceManager;
import org.apache.camel.spi.ThreadPoolProfile;
import org.apache.camel.support.DefaultProducer;
import org.citusingest.ledger.Failure;
import org.citusingest.rows.DelimitedFormat;
import org.citusingest.rows.DelimitedReader;
import org.citusingest.rows.ListBatch;
import org.citusingest.rows.RowBatch;

/** Copies the rows of an exchange: a batch of a split, or the whole source of its load. */
final class CitusProducer extends DefaultProducer {
    /** How many rows of a source that brings them one by one make a batch. */
    private static final int LIST_BATCH_ROWS = 10_000;

    /** The profile of the threads that copy, in a split and here. */
    private static final String COPY_THREADS = "copy";

    private final CitusEndpoint endpoint;
    private ExecutorService copyThreads;

    CitusProducer(CitusEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        try {
            if (OpenLoads.isPart(exchange)) {
                copyPart(exchange);
            } else {
                copyWhole(exchange);
            }
        } catch (Exception e) {
            endpoint.statistics().failed(Failure.oneLine(e));
            throw e;
        }
    }

    private void copyPart(Exchange exchange) throws Exception {
        Object body = exchange.getMessage().getBody();
        if (!(body instanceof RowBatch || body instanceof List<?>)) {
            throw new RouteException(
                    "citus:%s takes batches of rows from a split, and got %s: unmarshal before the split, and collate single rows (${collate(10000)})"
                            .formatted(
                                    endpoint.getTable(),
                                    body == null ? "nothing" : body.getClass().getName()));
        }
        OpenLoad load = open(exchange, body);
        load.copy(
                endpoint,
                body instanceof RowBatch batch ? batch : listBatch(exchange, load, (List<?>) body));
        exchange.getMessage().setBody(null);
    }

    private OpenLoad open(Exchange exchange, Object body) {
        try {
            return endpoint.getComponent().loads().of(exchange);
        } catch (RuntimeException e) {
            // A source that must not be loaded need not be read to its end.
            if (body instanceof RowBatch batch) {
                batch.stop();
                batch.release();
            }
            throw e;
        }
    }

    private RowBatch listBatch(Exchange exchange, OpenLoad load, List<?> rows)
            throws InterruptedException {
        int number = exchange.getProperty(ExchangePropertyKey.SPLIT_INDEX, Integer.class);
        boolean last =
                Boolean.TRUE.equals(exchange.getProperty(ExchangePropertyKey.SPLIT_COMPLETE));
        return ListBatch.of(rows, number, load.firstRow(endpoint, number, last ? 0 : rows.size()));
    }

    private void copyWhole(Exchange exchange) throws Exception {
        OpenLoads loads = endpoint.getComponent().loads();
        Iterator<RowBatch> batches = batches(exchange);
        try {
            OpenLoad load = loads.of(exchange);
            long count = copyAll(load, batches);
            LoadResult.set(exchange.getMessage(), loads.publish(exchange, count));
        } catch (Exception e) {
            loads.abort(exchange, e);
            throw e;
        } finally {
            if (batches instanceof Closeable stream) {
                stream.close();
            }
        }
    }

    /**
     * Reads on this thread while others encode; the pool is bounded, so reading waits for them.
     *
     * @return how many batches there were
     */
    private long copyAll(OpenLoad load, Iterator<RowBatch> batches) throws Exception {
        CompletionService<Void> copies = new ExecutorCompletionService<>(copyThreads);
        long count = 0;
        int running = 0;
        Exception failure = null;
        try {
            while (failure == null && batches.hasNext()) {
                RowBatch batch = batches.next();
                copies.submit(
                        () -> {
                            load.copy(endpoint, batch);
                            return null;
                        });
                running++;
                count++;
                for (Future<Void> ended = copies.poll(); ended != null; ended = copies.poll()) {
                    running--;
                    failure = first(failure, failureOf(ended));
                }
            }
        } finally {
            for (; running > 0; running--) {
                failure = first(failure, failureOf(copies.take()));
            }
        }
        if (failure != null) {
            throw LoadAbortedException.reason(failure);
        }
        return count;
    }

    /** The earlier failure, unless it only says that there is another one. */
    private static Exception first(Exception earlier, Exception later) {
        boolean reason = earlier != null && !(earlier instanceof LoadAbortedException);
        return reason || later == null ? earlier : later;
    }

    private static Exception failureOf(Future<Void> ended) throws InterruptedException {
        try {
            ended.get();
            return null;
        } catch (ExecutionException e) {
            return e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        ExecutorServiceManager threads = endpoint.getCamelContext().getExecutorServiceManager();
        ThreadPoolProfile profile = threads.getThreadPoolProfile(COPY_THREADS);
        copyThreads =
                profile == null
                        ? threads.newThreadPool(this, COPY_THREADS, 2, 2)
                        : threads.newThreadPool(this, COPY_THREADS, profile);
    }

    @Override
    protected void doStop() throws Exception {
        endpoint.getCamelContext().getExecutorServiceManager().shutdownNow(copyThreads);
        super.doStop();
    }

    private Iterator<RowBatch> batches(Exchange exchange) throws Exception {
        Object body = exchange.getMessage().getBody();
        if (body instanceof RowBatch batch) {
            return List.of(batch).iterator();
        }
        if (body instanceof Iterator<?> rows) {
            return new Collated(rows);
        }
        // A path is an iterable of its names.
        if (body instanceof Iterable<?> rows && !(body instanceof Path)) {
            return new Collated(rows.iterator());
        }
        InputStream bytes = exchange.getMessage().getMandatoryBody(InputStream.class);
        return new DelimitedReader(bytes, DelimitedFormat.builder().build());
    }

    /** Batches as they come, and single rows put together to batches. */
    private static final class Collated implements Iterator<RowBatch>, Closeable {
        private final Iterator<?> source;
        private long number;
        private long row = 1;

        Collated(Iterator<?> source) {
            this.source = source;
        }

        @Override
        public boolean hasNext() {
            return source.hasNext();
        }

        @Override
        public RowBatch next() {
            Object first = source.next();
            if (first instanceof RowBatch batch) {
                return batch;
            }
            if (!(first instanceof List<?>
                    || first instanceof Map<?, ?>
                    || first instanceof Object[])) {
                throw new RouteException(
                        "A row is a list, an array or a map, not a " + first.getClass().getName());
            }
            List<Object> rows = new ArrayList<>(LIST_BATCH_ROWS);
            rows.add(first);
            while (rows.size() < LIST_BATCH_ROWS && source.hasNext()) {
                rows.add(source.next());
            }
            RowBatch batch = ListBatch.of(rows, number++, row);
            row += rows.size();
            return batch;
        }

        @Override
        public void close() throws java.io.IOException {
            if (source instanceof Closeable closeable) {
                closeable.close();
            }
        }
    }
}
