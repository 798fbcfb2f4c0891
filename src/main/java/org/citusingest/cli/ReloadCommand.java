package org.citusingest.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.citusingest.ledger.LoadRecord;
import org.citusingest.ledger.LoadState;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "reload",
        mixinStandardHelpOptions = true,
        description = {
            "Lets a load be loaded again from its source, whatever became of it: by the next run or load.",
            "The rows of a loaded one and of its replays are taken out of their tables first, by the column _load_id, "
                    + "and out of the summary by the option onRemove of its citus: in the folder of routes."
        },
        footer = {
            "",
            "Examples:",
            "  citus-ingest reload logs/http/monday.csv",
            "  citus-ingest reload --load 17"
        })
final class ReloadCommand implements Callable<Integer> {
    private final Ingest.Factory factory;

    @Mixin private CommonOptions common;

    @Spec private CommandSpec spec;

    @Mixin private LoadChoice choice;

    ReloadCommand(Ingest.Factory factory) {
        this.factory = factory;
    }

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        try (Ingest ingest = factory.open(common.options())) {
            LoadRecord load = choice.of(ingest.ledger());
            Removal removal = Removal.of(ingest, load);
            long rows = ingest.ledger().reload(load.id(), removal.onRemove());
            out.printf(
                    "%s %s%s%n",
                    LoadLines.name(load),
                    // Nobody looks for what is not a blob.
                    load.etag().isEmpty()
                            ? "is loaded again when its source is sent once more"
                            : "waits to be loaded again",
                    load.state() == LoadState.LOADED
                            ? "; %d rows were taken out".formatted(rows)
                            : "");
            out.flush();
            if (load.state() == LoadState.LOADED) {
                removal.report(spec.commandLine().getErr());
            }
            return 0;
        }
    }
}
