package org.citusingest.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.citusingest.console.ConsoleLogin;
import org.citusingest.ledger.Ledger;
import org.citusingest.ledger.LoadRecord;
import org.citusingest.routes.RouteFile;

/** The application as the commands see it, opened for one of them. */
public interface Ingest extends AutoCloseable {
    /** The ledger of the target database. */
    Ledger ledger();

    /** Starts the routes, which go on until this is closed. */
    List<RouteFile> run() throws Exception;

    /**
     * Serves the console, until this is closed.
     *
     * @param port a port that counts before the one that is set
     */
    ConsoleLogin openConsole(OptionalInt port);

    /**
     * Begins to load what is there now, in the background.
     *
     * @param only the id of the one route to run; empty for all
     */
    LoadRun load(Optional<String> only) throws Exception;

    /** The files of the folder of routes that cannot be used. Connects to nothing. */
    List<RouteFile.Broken> brokenRouteFiles();

    /** What the folder of routes says of a pipeline, whether or not the storage is set. */
    Pipeline pipeline(String id) throws Exception;

    /**
     * Sends the rejected rows of a load through the route of its pipeline, as a load of its own.
     *
     * @param file the corrected rows with the header of the source; empty for the rows as they are
     * @return the load of these rows as it has ended
     */
    LoadRecord replay(LoadRecord load, Optional<Path> file) throws Exception;

    /** Looks at everything that a load needs, and writes nothing. */
    List<Finding> check();

    @Override
    void close();

    /** Opens the application. */
    interface Factory {
        /** Reads the settings; connects to nothing yet. */
        Ingest open(Options options);
    }

    /**
     * What a command line may change.
     *
     * @param config the properties file; empty for the one that is found
     * @param routes the folder of routes; empty for the one of the properties
     * @param overrides properties that count before those of the file
     */
    record Options(Optional<Path> config, Optional<Path> routes, Map<String, String> overrides) {}

    /**
     * A pipeline as the folder of routes has it.
     *
     * @param missing that its route is not there; null where it is
     * @param broken whether it may be in a file that cannot be used
     * @param onRemove the option of its {@code citus:}
     */
    record Pipeline(String missing, boolean broken, Optional<String> onRemove) {}

    /**
     * What a check found.
     *
     * @param subject what was looked at
     * @param ok whether it is as it must be
     * @param text what was found, or what is wrong and how to mend it
     */
    record Finding(String subject, boolean ok, String text) {}
}
