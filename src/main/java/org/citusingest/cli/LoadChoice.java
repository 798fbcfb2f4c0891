package org.citusingest.cli;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.citusingest.ledger.Ledger;
import org.citusingest.ledger.LedgerException;
import org.citusingest.ledger.LoadRecord;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The load that a command is about: by its id, or by its blob, of which it is the newest version.
 */
final class LoadChoice {
    @ArgGroup(multiplicity = "1")
    private Which which;

    @Option(
            names = "--pipeline",
            paramLabel = "ROUTE_ID",
            description = "The pipeline, where several have loaded the blob.")
    private String pipeline;

    private static final class Which {
        @Parameters(
                index = "0",
                paramLabel = "BLOB",
                description =
                        "The blob, as container/name or name; its newest version is meant. Or the key of another source.")
        private String blob;

        @Option(
                names = "--load",
                paramLabel = "ID",
                description = "The id of the load, as status shows it.")
        private Long load;
    }

    LoadRecord of(Ledger ledger) {
        if (which.load != null) {
            LoadRecord load = byId(ledger, which.load);
            if (pipeline != null && !pipeline.equals(load.pipeline())) {
                throw new LedgerException(
                        "Load %d is of the pipeline %s, not %s"
                                .formatted(load.id(), load.pipeline(), pipeline));
            }
            return load;
        }
        List<LoadRecord> versions = ledger.versions(Optional.ofNullable(pipeline), which.blob);
        if (versions.isEmpty()) {
            throw new LedgerException(
                    "There is no load of %s%s: citus-ingest status lists them"
                            .formatted(
                                    LoadLines.printable(which.blob),
                                    pipeline == null ? "" : " in the pipeline " + pipeline));
        }
        // Newest first, and of each pipeline and container that one only.
        List<LoadRecord> newest =
                List.copyOf(
                        versions.stream()
                                .collect(
                                        Collectors.toMap(
                                                load -> load.pipeline() + " " + load.source(),
                                                load -> load,
                                                (newer, older) -> newer,
                                                java.util.LinkedHashMap::new))
                                .values());
        if (newest.size() > 1) {
            throw new LedgerException(
                    "%s may be one of %d loads, so nothing was done: name it by --load, or by --pipeline and its container: %s"
                            .formatted(
                                    LoadLines.printable(which.blob),
                                    newest.size(),
                                    newest.stream()
                                            .map(LoadChoice::candidate)
                                            .collect(Collectors.joining(", "))));
        }
        return newest.get(0);
    }

    private static String candidate(LoadRecord load) {
        return "%s %s (load %d, %s)"
                .formatted(
                        load.pipeline(),
                        LoadLines.printable(load.source()),
                        load.id(),
                        load.state());
    }

    static LoadRecord byId(Ledger ledger, long id) {
        return ledger.load(id)
                .orElseThrow(
                        () ->
                                new LedgerException(
                                        "There is no load "
                                                + id
                                                + ": citus-ingest status lists them"));
    }
}
