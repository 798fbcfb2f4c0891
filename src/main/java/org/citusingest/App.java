package org.citusingest;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.citusingest.cli.CitusIngest;

/** Starts citus-ingest: the command line in front of Camel Main. */
public final class App {
    private App() {}

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] args) {
        quietUnlessRunning(args);
        layOutLog(System.getenv("LOG_FORMAT"));
        int code =
                run(
                        new PrintWriter(System.out, true, StandardCharsets.UTF_8),
                        new PrintWriter(System.err, true, StandardCharsets.UTF_8),
                        args);
        System.exit(code);
    }

    /**
     * The commands that end by themselves print what they do; log lines between that are for {@code
     * run} only.
     */
    private static void quietUnlessRunning(String... args) {
        boolean stays = args.length > 0 && args[0].equals("run");
        if (!stays && System.getenv("LOG_LEVEL") == null) {
            System.setProperty("citusingest.log", "warn");
            System.setProperty("citusingest.log.load", "off");
        }
    }

    /** Before the first logger: whoever has a configuration of the log keeps it. */
    private static void layOutLog(String format) {
        if ("json".equals(format) && System.getProperty("log4j2.configurationFile") == null) {
            System.setProperty(
                    "log4j2.configurationFile", "log4j2.properties,log4j2-json.properties");
        }
    }

    /**
     * Runs a command.
     *
     * @return 0 when it went well, 1 when it failed, 2 when it was used wrongly
     */
    static int run(PrintWriter out, PrintWriter err, String... args) {
        return CitusIngest.commandLine(IngestApplication::new)
                .setOut(out)
                .setErr(err)
                .execute(args);
    }
}
