package org.citusingest.cli;

import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "load",
        mixinStandardHelpOptions = true,
        description = {
            "Loads what is there now, runs the summaries, and ends. Loads that failed before are tried again.",
            "Prints a line for each load and a total; the exit code is 1 if any load failed.",
            "Ctrl-C ends it in order: what is being loaded is finished first, and the exit code is 1."
        },
        footer = {
            "",
            "Examples:",
            "  citus-ingest load",
            "  citus-ingest load --only http-requests",
            "  citus-ingest load --json | jq .rowsCopied"
        })
final class LoadCommand implements Callable<Integer> {
    private static final int STOPPED = 1;

    private final Ingest.Factory factory;

    @Mixin private CommonOptions common;

    @Spec private CommandSpec spec;

    @Option(names = "--only", paramLabel = "ROUTE_ID", description = "Run this route only.")
    private String only;

    @Option(
            names = "--json",
            description = "Print a JSON object a line: the loads, then the total.")
    private boolean json;

    LoadCommand(Ingest.Factory factory) {
        this.factory = factory;
    }

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try (Ingest ingest = factory.open(common.options());
                StopSignal signal = StopSignal.install(() -> stop(ingest, err), STOPPED)) {
            try {
                LoadReport report = new LoadReport(ingest.ledger(), out, err, json);
                LoadRun run = ingest.load(Optional.ofNullable(only));
                boolean ok = report.follow(run);
                signal.hold();
                report.printTotal();
                return ok ? 0 : 1;
            } finally {
                // What fails since all is being closed is no news.
                signal.hold();
            }
        }
    }

    private static void stop(Ingest ingest, PrintWriter err) {
        err.println("Stopping: what is being loaded is finished first; Ctrl-C again rolls it back");
        err.flush();
        ingest.close();
    }
}
