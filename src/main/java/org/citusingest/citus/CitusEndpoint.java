package org.citusingest.citus;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.List;
import org.apache.camel.Category;
import org.apache.camel.Consumer;
import org.apache.camel.Processor;
import org.apache.camel.Producer;
import org.apache.camel.api.management.ManagedAttribute;
import org.apache.camel.api.management.ManagedResource;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.UriEndpoint;
import org.apache.camel.spi.UriParam;
import org.apache.camel.spi.UriPath;
import org.apache.camel.support.DefaultEndpoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copy rows into a table of Citus or PostgreSQL, each load exactly once.
 *
 * <p>Takes the batches of a split, or the rows of a whole source: the result of unmarshalling, a
 * list of rows, or the bytes of a CSV file.
 */
@ManagedResource(description = "Rows copied into a table")
@UriEndpoint(
        firstVersion = "0.1.0",
        scheme = "citus",
        title = "Citus",
        syntax = "citus:table",
        producerOnly = true,
        category = {Category.DATABASE},
        headersClass = CitusConstants.class)
public class CitusEndpoint extends DefaultEndpoint {
    private static final Logger LOG = LoggerFactory.getLogger(CitusEndpoint.class);

    private static final String NO_CONNECTOR = "nothing is set that connects to the nodes";

    private final CopyStatistics statistics = new CopyStatistics();
    private MappingOptions mapping = MappingOptions.columns("");
    private MaxRejects limit;
    private Sort order;
    private volatile String way;

    @UriPath(description = "The table, as the catalog has it: table or schema.table")
    @Metadata(required = true)
    private String table;

    @UriParam private String columns;

    @UriParam private String values;

    @UriParam(defaultValue = "fail")
    private MappingOptions.OnNewColumn onNewColumn = MappingOptions.OnNewColumn.fail;

    @UriParam(defaultValue = "fail", enums = "fail,null")
    private String onMissingColumn = "fail";

    @UriParam(defaultValue = "load")
    private Publish publish = Publish.load;

    @UriParam(defaultValue = "0")
    private int lanes;

    @UriParam(defaultValue = "0")
    private String maxRejects = "0";

    @UriParam private String rejectTo;

    @UriParam private String onRemove;

    @UriParam(defaultValue = "auto")
    private Entry entry = Entry.auto;

    @UriParam(defaultValue = "auto")
    private String sort = "auto";

    public CitusEndpoint(String uri, CitusComponent component) {
        super(uri, component);
    }

    @Override
    public Producer createProducer() {
        return new CitusProducer(this);
    }

    @Override
    public Consumer createConsumer(Processor processor) {
        throw new UnsupportedOperationException("citus: takes rows; it cannot stand in from:");
    }

    @Override
    public CitusComponent getComponent() {
        return (CitusComponent) super.getComponent();
    }

    /** Where rows with these column names go, and how they are encoded, as the catalog says now. */
    CopyTarget target(List<String> names) throws SQLException {
        try (Connection connection = getComponent().getDataSource().getConnection()) {
            Table described = Table.read(connection, table);
            ColumnMapping mapping = ColumnMapping.of(described, names, this.mapping);
            CopyTarget target =
                    switch (entry) {
                        case coordinator -> CopyTarget.of(described, mapping);
                        case any ->
                                CopyTarget.of(
                                        described,
                                        mapping,
                                        null,
                                        nodes(connection, described, mapping));
                        case auto, shard ->
                                CopyTarget.of(
                                        described,
                                        mapping,
                                        shards(connection, described, mapping),
                                        null);
                    };
            return target.in(order.order(connection, described, mapping));
        }
    }

    /** The way to any node that takes rows; null when only the coordinator does. */
    private Connector nodes(Connection connection, Table described, ColumnMapping mapping)
            throws SQLException {
        OtherNodes others =
                getComponent().getNodeConnector() == null
                        ? new OtherNodes(List.of(), NO_CONNECTOR)
                        : OtherNodes.read(connection, described, mapping);
        if (others.nodes().isEmpty()) {
            told("the rows go by the coordinator: " + others.reason());
            return null;
        }
        told("the rows go by the coordinator and, in turn, by %s".formatted(others.nodes()));
        // Of a load that is published as a whole, the lane that does so is the coordinator's.
        boolean andCoordinator = publish == Publish.batch;
        return () -> getComponent().turns().connect(described, others.nodes(), andCoordinator);
    }

    /** The way into the shards of the table; null when its rows go by the coordinator. */
    private Shards shards(Connection connection, Table described, ColumnMapping mapping)
            throws SQLException {
        if (entry == Entry.auto && !described.citus()) {
            return null;
        }
        NodeConnector nodes = getComponent().getNodeConnector();
        ShardAccess access =
                nodes == null
                        ? new ShardAccess.Closed(NO_CONNECTOR)
                        : ShardAccess.read(connection, described, mapping, nodes);
        if (access instanceof ShardAccess.Open open) {
            told(
                    "the rows go straight into its %d shards on %s"
                            .formatted(open.shards().shards().size(), open.shards().nodes()));
            return new Shards(
                    described,
                    mapping,
                    getComponent().getDataSource()::getConnection,
                    nodes,
                    open.shards());
        }
        ShardAccess.Closed closed = (ShardAccess.Closed) access;
        String reason = closed.reason();
        if (entry == Entry.shard && closed.outage() != null) {
            throw new SQLTransientConnectionException(
                    "The rows of %s cannot go straight into shards now: %s"
                            .formatted(described.name(), reason),
                    "08001",
                    closed.outage());
        }
        if (entry == Entry.shard) {
            throw new TableException(
                    "The rows of %s cannot go straight into shards: %s; use entry=auto or entry=coordinator"
                            .formatted(described.name(), reason));
        }
        told("the rows go by the coordinator: " + reason);
        return null;
    }

    /** Says once which way the rows take. */
    private void told(String way) {
        if (!way.equals(this.way)) {
            this.way = way;
            LOG.info("citus:{} {}", table, way);
        }
    }

    /**
     * Looks whether the table is there, may be written, and has the columns that the option names.
     * Writes nothing.
     *
     * @return the columns of the table, for a person
     * @throws TableException what is wrong and how to mend it
     */
    public String check() throws SQLException {
        try (Connection connection = getComponent().getDataSource().getConnection()) {
            Table described = Table.read(connection, table);
            List<String> named = List.copyOf(mapping.columns().keySet());
            ColumnMapping.of(
                    described,
                    named.isEmpty() ? described.names() : named,
                    mapping.withColumns(String.join(",", named)));
            order.check(described);
            return String.join(", ", described.names());
        }
    }

    /**
     * Looks whether the rows of single loads can be removed from the table again.
     *
     * @throws TableException where they cannot
     */
    public void checkRemovable() throws SQLException {
        try (Connection connection = getComponent().getDataSource().getConnection()) {
            Table described = Table.read(connection, table);
            if (!described.names().contains(Table.LOAD_ID)) {
                throw new TableException(
                        "The table %s has no column _load_id, by which the rows of a version that is replaced are known; run: ALTER TABLE %s ADD COLUMN _load_id bigint; or choose another onOverwrite"
                                .formatted(described.name(), described.sql()));
            }
        }
    }

    CopyStatistics statistics() {
        return statistics;
    }

    @Override
    protected void doInit() throws Exception {
        super.doInit();
        mapping =
                new MappingOptions(
                        MappingOptions.parse(columns),
                        MappingOptions.parseValues(values),
                        onNewColumn,
                        missingIsNull());
        limit = MaxRejects.parse(maxRejects);
        order = Sort.parse(sort);
    }

    private boolean missingIsNull() {
        if (!onMissingColumn.equals("fail") && !onMissingColumn.equals("null")) {
            throw new IllegalArgumentException(
                    "onMissingColumn=%s: it must be fail or null".formatted(onMissingColumn));
        }
        return onMissingColumn.equals("null");
    }

    /** The option {@code maxRejects}. */
    MaxRejects maxRejects() {
        return limit;
    }

    @ManagedAttribute(description = "Rows copied by loads that were published, or are still open")
    public long getRowsCopied() {
        return statistics.rows();
    }

    @ManagedAttribute(description = "Batches copied")
    public long getBatchesCopied() {
        return statistics.batches();
    }

    @ManagedAttribute(description = "Bytes of decompressed source that were copied")
    public long getBytesCopied() {
        return statistics.bytes();
    }

    @ManagedAttribute(description = "Batches that failed")
    public long getBatchesFailed() {
        return statistics.failed();
    }

    @ManagedAttribute(description = "The error of the last batch that failed")
    public String getLastError() {
        return statistics.lastError();
    }

    public String getTable() {
        return table;
    }

    public void setTable(String table) {
        this.table = table;
    }

    public String getColumns() {
        return columns;
    }

    /**
     * What goes where, separated by commas: {@code a}, or {@code a=Name} for the column a and the
     * source column Name. Source columns that are not listed are left out. For rows without names,
     * the columns in the order of the fields. Without it every name goes to the column of that
     * name, exactly or else without regard to case and with other characters than letters and
     * digits as _ ({@code Airport Name} goes to {@code airport_name}).
     */
    public void setColumns(String columns) {
        this.columns = columns;
    }

    public String getValues() {
        return values;
    }

    /**
     * What columns have that the rows do not bring, separated by commas: {@code region=eu}, with
     * single quotes around a text that has commas; in braces {@code path.dt} for the folder {@code
     * dt=...} of the blob, or {@code blob} for its name. The columns {@code _load_id}, {@code
     * _blob}, {@code _row_number} and {@code _loaded_at} are filled without it, where the table has
     * them and the source does not.
     */
    public void setValues(String values) {
        this.values = values;
    }

    public MappingOptions.OnNewColumn getOnNewColumn() {
        return onNewColumn;
    }

    /**
     * What becomes of a column of the source that the table does not have: {@code fail}, the load
     * fails; {@code ignore}, it is left out; {@code rescue}, its values go into the column {@code
     * _rescued} of the table, a jsonb object of all that have no column.
     */
    public void setOnNewColumn(MappingOptions.OnNewColumn onNewColumn) {
        this.onNewColumn = onNewColumn;
    }

    public String getOnMissingColumn() {
        return onMissingColumn;
    }

    /**
     * What becomes of a column of the table, without a default, that the source does not have:
     * {@code fail}, the load fails; {@code null}, in quotes in YAML, it is NULL.
     */
    public void setOnMissingColumn(String onMissingColumn) {
        this.onMissingColumn = onMissingColumn;
    }

    public Publish getPublish() {
        return publish;
    }

    /**
     * When the rows become visible: {@code load}, all rows of a load at once, or none of them;
     * {@code batch}, the rows of each batch as it comes, so that a load that is interrupted goes on
     * after the last batch. The steps after it see the load complete in both.
     */
    public void setPublish(Publish publish) {
        this.publish = publish;
    }

    public String getMaxRejects() {
        return maxRejects;
    }

    /**
     * How many rows of a load may be rejected, as a count such as {@code 100} or a percentage of
     * its rows such as {@code 0.5%}. They are written to {@code citus_ingest.reject} with the
     * reason; one more fails the load.
     */
    public void setMaxRejects(String maxRejects) {
        this.maxRejects = maxRejects;
    }

    public int getLanes() {
        return lanes;
    }

    /**
     * How many connections a load with {@code publish=load} may copy through at once. They are
     * committed one after the other, so that a reader may see part of a large load for a moment; 1
     * keeps it to one transaction. By default as many as there are processors, 2 to 4; fewer where
     * connections are short. A table with unique constraints, foreign keys or triggers has one, as
     * has a version that replaces another.
     */
    public void setLanes(int lanes) {
        this.lanes = lanes;
    }

    /** How many lanes a load may have. */
    int mostLanes() {
        int processors = Runtime.getRuntime().availableProcessors();
        return lanes > 0 ? lanes : Math.max(2, Math.min(processors, 4));
    }

    public String getRejectTo() {
        return rejectTo;
    }

    /**
     * A container to which the rejected rows of a load are also written, as a blob in CSV that has
     * the name of the source with the id of the load. None by default.
     */
    public void setRejectTo(String rejectTo) {
        this.rejectTo = orNone(rejectTo);
    }

    public String getOnRemove() {
        return onRemove;
    }

    /**
     * SQL that takes loads out of the summary again, called before their rows are removed, in the
     * same transaction, with their ids in {@code citus_ingest.load_ids}: where a blob is replaced,
     * reloaded or unloaded. By default the summary is left as it is.
     */
    public void setOnRemove(String onRemove) {
        this.onRemove = orNone(onRemove);
    }

    /** A template that is given nothing passes an empty text on. */
    private static String orNone(String text) {
        return text == null || text.isBlank() ? null : text;
    }

    public Entry getEntry() {
        return entry;
    }

    /**
     * The door that the rows take into a table of Citus: {@code coordinator}, the server that the
     * data source connects to; {@code any}, each node of the cluster that can be reached, in turn;
     * {@code shard}, straight into the shards on their nodes, which spares the coordinator their
     * work, for tables that are distributed by hash and whose nodes can be reached; {@code auto},
     * the shards where that can be, else the coordinator. The log says which and why.
     */
    public void setEntry(Entry entry) {
        this.entry = entry;
    }

    public String getSort() {
        return sort;
    }

    /**
     * The order in which the rows of a batch are copied, which makes an index grow faster: {@code
     * auto}, that of the primary key or else of the oldest b-tree index; {@code none}, that of the
     * source; or columns of the table, separated by commas. {@code auto} leaves the order of the
     * source where one row may decide what becomes of another: with further unique constraints, a
     * foreign key to the table itself, or triggers.
     */
    public void setSort(String sort) {
        this.sort = sort;
    }

    /** When rows become visible. The constants are written as in a route. */
    @SuppressWarnings("java:S115")
    public enum Publish {
        load,
        batch
    }

    /** The door that rows take. The constants are written as in a route. */
    @SuppressWarnings("java:S115")
    public enum Entry {
        auto,
        coordinator,
        any,
        shard
    }
}
