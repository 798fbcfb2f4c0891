package org.citusingest.citus;

import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import javax.sql.DataSource;
import org.apache.camel.Endpoint;
import org.apache.camel.spi.Metadata;
import org.apache.camel.spi.annotations.Component;
import org.apache.camel.support.DefaultComponent;
import org.citusingest.ledger.Ledger;

/** Copies rows into tables of Citus or PostgreSQL, each load exactly once. */
@Component("citus")
public class CitusComponent extends DefaultComponent {
    /** The name under which the data source is looked for where the registry holds several. */
    static final String DATA_SOURCE = "citus";

    /** Where nothing is known of a pool. */
    private static final int UNKNOWN_POOL = 10;

    @Metadata(autowired = true)
    private DataSource dataSource;

    @Metadata(autowired = true, label = "advanced")
    private Ledger ledger;

    @Metadata(autowired = true, label = "advanced")
    private NodeConnector nodeConnector;

    private SpareConnections spare;
    private NodeTurns turns;
    private boolean ownsLedger;
    private OpenLoads loads;

    @Override
    protected Endpoint createEndpoint(String uri, String remaining, Map<String, Object> parameters)
            throws Exception {
        CitusEndpoint endpoint = new CitusEndpoint(uri, this);
        endpoint.setTable(remaining);
        setProperties(endpoint, parameters);
        return endpoint;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        if (dataSource == null) {
            dataSource =
                    getCamelContext()
                            .getRegistry()
                            .lookupByNameAndType(DATA_SOURCE, DataSource.class);
        }
        if (dataSource != null) {
            if (ledger == null) {
                ledger = new Ledger(dataSource);
                ownsLedger = true;
            }
            turns = new NodeTurns(dataSource::getConnection, nodeConnector);
            loads =
                    new OpenLoads(
                            ledger,
                            dataSource::getConnection,
                            new RejectBlobs(getCamelContext(), ledger));
            getCamelContext().getManagementStrategy().addEventNotifier(loads);
        }
    }

    @Override
    protected void doStop() throws Exception {
        if (loads != null) {
            getCamelContext().getManagementStrategy().removeEventNotifier(loads);
            loads.abandon();
        }
        if (ownsLedger) {
            ledger.close();
        }
        super.doStop();
    }

    /** The connections that loads may take beside the one that each of them needs. */
    synchronized SpareConnections spareConnections() throws SQLException {
        if (spare == null) {
            spare = new SpareConnections(spare(dataSource));
        }
        return spare;
    }

    /**
     * Half of what the pool and every server give, less what other users of the pool need; the
     * loads wait for the rest of it. A COPY by the coordinator of Citus has one connection to each
     * worker.
     */
    private static int spare(DataSource dataSource) throws SQLException {
        int most =
                dataSource.isWrapperFor(HikariDataSource.class)
                        ? dataSource.unwrap(HikariDataSource.class).getMaximumPoolSize()
                        : UNKNOWN_POOL;
        try (Connection connection = dataSource.getConnection()) {
            for (ServerRoom room : ServerRoom.read(connection)) {
                most = Math.min(most, room.connections());
            }
        }
        return Math.max(0, most / 2 - 1);
    }

    /** Connections for rows that any node takes. */
    NodeTurns turns() {
        return turns;
    }

    /** The loads that are open now. */
    OpenLoads loads() {
        if (loads == null) {
            throw new IllegalStateException(
                    "The component citus has no database: bind a DataSource named citus, or set its option dataSource");
        }
        return loads;
    }

    public DataSource getDataSource() {
        return dataSource;
    }

    /**
     * The database. Without one set, the only DataSource of the registry is taken, or the one named
     * {@code citus}.
     */
    public void setDataSource(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    public NodeConnector getNodeConnector() {
        return nodeConnector;
    }

    /** Connects to the nodes of a Citus, for rows that do not go by the coordinator. */
    public void setNodeConnector(NodeConnector nodeConnector) {
        this.nodeConnector = nodeConnector;
    }

    public Ledger getLedger() {
        return ledger;
    }

    /** The ledger of the loads. Without one set, that of the database. */
    public void setLedger(Ledger ledger) {
        this.ledger = ledger;
    }
}
