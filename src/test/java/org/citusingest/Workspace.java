package org.citusingest;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.BlobContainerClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * What a command runs in: a folder with the shipped properties, pointing to a database and a
 * container of its own, and a folder of routes.
 */
public final class Workspace {
    public final TestDatabase database;
    public final BlobContainerClient container = TestAzurite.container();
    public final Path folder;
    public final Path routes;

    /** How a command ended and what it printed. */
    public record Run(int code, String out, String err) {
        public List<String> lines() {
            return out.lines().toList();
        }
    }

    public Workspace(Path folder) {
        this(folder, TestDatabase.fresh());
    }

    /** As {@link #Workspace(Path)}, with a database that the test has made. */
    public Workspace(Path folder, TestDatabase database) {
        this.database = database;
        this.folder = folder;
        this.routes = folder.resolve("routes");
        try {
            Files.createDirectories(routes);
            Files.copy(Path.of("application.properties"), config());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        set("citus.url", url());
        set("citus.user", "postgres");
        set("storage.connection-string", TestAzurite.connectionString());
        set("management.port", "0");
    }

    /** The JDBC URL of the database, without a user. */
    public String url() {
        PGSimpleDataSource source = (PGSimpleDataSource) database.dataSource();
        return "jdbc:postgresql://localhost:%d/%s"
                .formatted(source.getPortNumbers()[0], source.getDatabaseName());
    }

    public Path config() {
        return folder.resolve("application.properties");
    }

    /** Sets a property that the shipped file has. */
    public Workspace set(String key, String value) {
        try {
            String text = Files.readString(config());
            Matcher line =
                    Pattern.compile("^" + Pattern.quote(key) + " =.*$", Pattern.MULTILINE)
                            .matcher(text);
            if (!line.find()) {
                throw new IllegalArgumentException("The shipped properties have no " + key);
            }
            String set = Matcher.quoteReplacement(key + " = " + value);
            Files.writeString(config(), line.replaceFirst(set));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Adds a line to the properties. */
    public Workspace append(String line) {
        try {
            Files.writeString(config(), "\n" + line + "\n", StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** Writes a route file. */
    public Path route(String file, String yaml) {
        try {
            return Files.writeString(routes.resolve(file), yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A table of items, and a route from the container to it by the shipped template. */
    public Workspace items() {
        database.execute("CREATE TABLE item (id int CHECK (id > 0), name text, _load_id bigint)");
        route("items.camel.yaml", itemsRoute(""));
        return this;
    }

    /** The route of the items. */
    public String itemsRoute(String moreParameters) {
        return """
        - templatedRoute:
            routeTemplateRef: blob-to-citus
            routeId: items
            parameters:
              - { name: container, value: %s }
              - { name: include, value: "items/**" }
              - { name: table, value: item }
              - { name: delay, value: "200" }
        """
                        .formatted(container.getBlobContainerName())
                + moreParameters;
    }

    /** Uploads a blob, over whatever has its name. */
    public Workspace upload(String name, String content) {
        container.getBlobClient(name).upload(BinaryData.fromString(content), true);
        return this;
    }

    /** What the ledger has, in the order of its ids. */
    public List<String> loads(String columns) {
        return database.rows("SELECT " + columns + " FROM citus_ingest.load ORDER BY id");
    }

    /** The rows of the table of items. */
    public List<String> itemRows() {
        return database.rows("SELECT id, name FROM item ORDER BY id");
    }

    /** Runs a command in this process, with these properties. */
    public Run run(String command, String... options) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = App.run(new PrintWriter(out), new PrintWriter(err), arguments(command, options));
        return new Run(code, out.toString(), err.toString());
    }

    /** The command line, with the option that names the properties. */
    public String[] arguments(String command, String... options) {
        String[] all = new String[options.length + 3];
        all[0] = command;
        all[1] = "--config";
        all[2] = config().toString();
        System.arraycopy(options, 0, all, 3, options.length);
        return all;
    }
}
