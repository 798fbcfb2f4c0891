package org.citusingest.demo;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Azurite, the storage emulator, as a process of this machine that ends with this one. */
public final class Azurite implements AutoCloseable {
    private static final String ACCOUNT = "devstoreaccount1";

    /** The key that every Azurite has and that its documentation prints: no secret. */
    private static final String KEY =
            "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static final Pattern ADDRESS = Pattern.compile("successfully listens on (http://\\S+)");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process process;
    private final String service;
    private final String address;
    private final Thread hook = new Thread(this::end, "azurite-end");

    private Azurite(Process process, String service, String address) {
        this.process = process;
        this.service = service;
        this.address = address;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Whether {@link #start} can do without an installation, which takes half a minute. */
    public static boolean installed(Path installDir) {
        try {
            return new AzuriteInstall(installDir, System.getenv()).complete();
        } catch (IOException e) {
            return false;
        }
    }

    /**
     * Starts the blob service on a free port of 127.0.0.1 and waits until it answers.
     *
     * @param installDir where npm installs Azurite once; may be shared by many
     * @param dataDir where the blobs and the file azurite.log go; for one Azurite at a time
     * @throws DemoException where it cannot be installed or does not start
     */
    public static Azurite start(Path installDir, Path dataDir) {
        return start(installDir, dataDir, "blob", System.getenv());
    }

    /** As {@link #start(Path, Path)}, but the queue service. */
    public static Azurite startQueues(Path installDir, Path dataDir) {
        return start(installDir, dataDir, "queue", System.getenv());
    }

    /** As {@link #start(Path, Path)}, with the variables that node and npm are found and run by. */
    static Azurite start(Path installDir, Path dataDir, Map<String, String> environment) {
        return start(installDir, dataDir, "blob", environment);
    }

    private static Azurite start(
            Path installDir, Path dataDir, String service, Map<String, String> environment) {
        try {
            Files.createDirectories(dataDir);
            AzuriteInstall install = new AzuriteInstall(installDir, environment);
            Program node = install.ensure();
            return launch(node, install.script(), service, dataDir.toAbsolutePath());
        } catch (IOException e) {
            throw new DemoException(
                    "Azurite cannot start with the folders %s and %s (%s): choose folders that can be written, %s"
                            .formatted(installDir, dataDir, e, DemoException.OTHER_STORAGE),
                    e);
        }
    }

    private static Azurite launch(Program node, Path script, String service, Path dataDir)
            throws IOException {
        Path log = dataDir.resolve("azurite.log");
        Process process =
                node.start(
                        dataDir,
                        log,
                        List.of(
                                script.toString(),
                                service,
                                "--" + service + "Host",
                                "127.0.0.1",
                                // The system chooses a port and Azurite prints it.
                                "--" + service + "Port",
                                "0",
                                "--location",
                                dataDir.toString(),
                                "--disableTelemetry",
                                "--skipApiVersionCheck",
                                "--silent"));
        boolean answers = false;
        try {
            String address = awaitAnswer(process, log);
            answers = true;
            return new Azurite(process, service, address);
        } finally {
            if (!answers) {
                process.destroyForcibly();
            }
        }
    }

    private static String awaitAnswer(Process process, Path log) throws IOException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            Matcher printed = ADDRESS.matcher(Files.readString(log));
            if (printed.find() && answers(printed.group(1))) {
                return printed.group(1);
            }
            try {
                if (process.waitFor(20, TimeUnit.MILLISECONDS)) {
                    throw failed("ended with code " + process.exitValue(), log);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new DemoException("interrupted while Azurite started", e);
            }
        }
        throw failed("did not answer in " + PATIENCE.toSeconds() + " s", log);
    }

    private static DemoException failed(String what, Path log) throws IOException {
        return new DemoException(
                "Azurite %s (%s): see %s, %s"
                        .formatted(what, Program.lastLine(log), log, DemoException.OTHER_STORAGE));
    }

    private static boolean answers(String address) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(address).toURL().openConnection();
        try {
            // Any status will do: the question is without a signature, so 400 or 403 is usual.
            return connection.getResponseCode() > 0;
        } catch (IOException e) {
            return false;
        } finally {
            connection.disconnect();
        }
    }

    /** The address of the account in this service. */
    public String url() {
        return address + "/" + ACCOUNT;
    }

    /** What the clients of Azure Storage are built from. */
    public String connectionString() {
        return "DefaultEndpointsProtocol=http;AccountName=%s;AccountKey=%s;%s"
                .formatted(ACCOUNT, KEY, endpoint());
    }

    /** What a connection string says of this service. */
    public String endpoint() {
        return "%sEndpoint=%s;"
                .formatted(
                        service.substring(0, 1).toUpperCase(Locale.ROOT) + service.substring(1),
                        url());
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The machine is shutting down: the hook ends the process, as this does; both may.
        }
        end();
    }

    private void end() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor(3, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
