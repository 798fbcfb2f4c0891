package org.citusingest.cli;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.citusingest.ledger.LoadRecord;
import org.citusingest.routes.RouteFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = {
            "Shows the loads of each pipeline, the newest first, as the ledger has them,",
            "and the files in the folder of routes that cannot be used."
        },
        footer = {
            "",
            "Examples:",
            "  citus-ingest status",
            "  citus-ingest status --pipeline http-requests --limit 100",
            "  citus-ingest status --json | jq '.[] | select(.state == \"failed\")'",
            "  citus-ingest status --json | jq '.[] | select(.state == \"broken\") | .error'"
        })
final class StatusCommand implements Callable<Integer> {
    private final Ingest.Factory factory;

    @Mixin private CommonOptions common;

    @Spec private CommandSpec spec;

    @Option(names = "--pipeline", paramLabel = "ROUTE_ID", description = "Show this pipeline only.")
    private String pipeline;

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "50",
            description = "Show so many loads; default: ${DEFAULT-VALUE}.")
    private int limit;

    @Option(
            names = "--json",
            description =
                    "Print a JSON array; a broken route file is an element with the state broken.")
    private boolean json;

    StatusCommand(Ingest.Factory factory) {
        this.factory = factory;
    }

    @Override
    public Integer call() {
        if (limit < 1) {
            throw new ParameterException(
                    spec.commandLine(), "--limit is %d; it must be 1 or more".formatted(limit));
        }
        PrintWriter out = spec.commandLine().getOut();
        try (Ingest ingest = factory.open(common.options())) {
            List<LoadRecord> loads = ingest.ledger().newest(Optional.ofNullable(pipeline), limit);
            List<RouteFile.Broken> broken = ingest.brokenRouteFiles();
            if (json) {
                out.println(
                        Json.line(
                                Stream.concat(
                                                loads.stream().map(LoadLines::json),
                                                broken.stream().map(StatusCommand::json))
                                        .toList()));
            } else {
                print(out, loads);
                printBroken(out, broken);
            }
            out.flush();
            return 0;
        }
    }

    /** Among the loads, and told from them by its state, which no load has. */
    private static Map<String, Object> json(RouteFile.Broken file) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("routeFile", file.path().toString());
        fields.put("state", "broken");
        fields.put("error", file.error());
        return fields;
    }

    private static void printBroken(PrintWriter out, List<RouteFile.Broken> files) {
        if (!files.isEmpty()) {
            out.println("route files that cannot be used");
            files.forEach(file -> out.println("  " + LoadLines.printable(file.error())));
        }
    }

    private static void print(PrintWriter out, List<LoadRecord> loads) {
        if (loads.isEmpty()) {
            out.println("No load yet");
        }
        Map<String, List<LoadRecord>> byPipeline =
                loads.stream()
                        .collect(
                                Collectors.groupingBy(
                                        LoadRecord::pipeline,
                                        LinkedHashMap::new,
                                        Collectors.toList()));
        byPipeline.forEach(
                (name, ofPipeline) -> {
                    out.println(name);
                    out.printf(
                            "  %6s  %-7s %10s %8s %9s %9s %9s  %-20s  %s%n",
                            "load",
                            "state",
                            "rows",
                            "rejected",
                            "bytes",
                            "duration",
                            "rows/s",
                            "finished",
                            "source");
                    ofPipeline.forEach(load -> print(out, load));
                });
    }

    private static void print(PrintWriter out, LoadRecord load) {
        out.printf(
                "  %6d  %-7s %10d %8d %9s %9s %9d  %-20s  %s%n",
                load.id(),
                load.state(),
                load.rowsCopied(),
                load.rowsRejected(),
                LoadLines.bytes(load.sizeBytes()),
                LoadLines.seconds(load.duration()),
                load.rowsPerSecond(),
                load.finishedAt() == null
                        ? ""
                        : load.finishedAt().truncatedTo(java.time.temporal.ChronoUnit.SECONDS),
                LoadLines.source(load));
        if (load.error() != null) {
            out.printf("          %s%n", LoadLines.error(load));
        }
    }
}
