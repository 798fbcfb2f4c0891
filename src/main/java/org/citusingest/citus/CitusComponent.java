package org.citusingest.citus;

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

    @Metadata(autowired = true)
    private DataSource dataSource;

    @Metadata(autowired = true, label = "advanced")
    private Ledger ledger;

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

    public Ledger getLedger() {
        return ledger;
    }

    /** The ledger of the loads. Without one set, that of the database. */
    public void setLedger(Ledger ledger) {
        this.ledger = ledger;
    }
}
