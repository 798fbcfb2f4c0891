package org.citusingest.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.citusingest.ledger.LoadRecord;
import org.citusingest.ledger.LoadState;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        description = {
            "Sends the rejected rows of a loaded load through the route of its pipeline once more, as a load of its own: "
                    + "with --file the corrected rows, without it the rows as they are, which helps once the table has been changed. "
                    + "All steps of the route run, its summary too.",
            "When the replay is loaded all these rejected rows count as taken up; what is rejected again is a rejected "
                    + "row of the replay."
        },
        footer = {
            "",
            "Examples:",
            "  citus-ingest rejects replay --load 17",
            "  citus-ingest rejects --load 17 --csv > rejected.csv",
            "  citus-ingest rejects replay --load 17 --file fixed.csv"
        })
final class ReplayCommand implements Callable<Integer> {
    private final Ingest.Factory factory;

    @ParentCommand private RejectsCommand rejects;

    @Spec private CommandSpec spec;

    @Option(
            names = "--load",
            required = true,
            paramLabel = "ID",
            description = "The id of the load that rejected the rows, as status shows it.")
    private long id;

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description =
                    "The corrected rows in the format of the source, with its header; compressed where the source may be.")
    private Path file;

    ReplayCommand(Ingest.Factory factory) {
        this.factory = factory;
    }

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try (Ingest ingest = factory.open(rejects.options())) {
            LoadRecord parent = LoadChoice.byId(ingest.ledger(), id);
            LoadRecord replay = ingest.replay(parent, Optional.ofNullable(file));
            boolean loaded = replay.state() == LoadState.LOADED;
            (loaded ? out : err).println(LoadLines.text(replay));
            if (loaded && replay.error() != null) {
                err.printf(
                        "%s is loaded, but a step after it failed: %s%n",
                        LoadLines.name(replay), LoadLines.printable(replay.error()));
            }
            long sent = replay.rowsCopied() + replay.rowsRejected();
            if (loaded && sent < parent.rowsRejected()) {
                err.printf(
                        "%s had %d rejected rows and the replay has %d: the others count as taken up, too; citus-ingest rejects --all --load %d shows them%n",
                        LoadLines.name(parent), parent.rowsRejected(), sent, id);
            }
            out.flush();
            err.flush();
            return loaded && replay.error() == null ? 0 : 1;
        }
    }
}
