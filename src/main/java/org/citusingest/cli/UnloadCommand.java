package org.citusingest.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.citusingest.ledger.LoadRecord;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "unload",
        mixinStandardHelpOptions = true,
        description = {
            "Takes the rows of a load and of its replays out of their tables, by the column _load_id, and out of the "
                    + "summary by the option onRemove of its citus: in the folder of routes.",
            "It is not loaded again until reload. When it is a replay, the rows that it had taken up count as rejected "
                    + "again."
        },
        footer = {"", "Examples:", "  citus-ingest unload --load 17"})
final class UnloadCommand implements Callable<Integer> {
    private final Ingest.Factory factory;

    @Mixin private CommonOptions common;

    @Spec private CommandSpec spec;

    @Option(
            names = "--load",
            required = true,
            paramLabel = "ID",
            description = "The id of the load, as status shows it.")
    private long id;

    UnloadCommand(Ingest.Factory factory) {
        this.factory = factory;
    }

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        try (Ingest ingest = factory.open(common.options())) {
            LoadRecord load = LoadChoice.byId(ingest.ledger(), id);
            Removal removal = Removal.of(ingest, load);
            long rows = ingest.ledger().unload(load.id(), removal.onRemove());
            out.printf("%s is unloaded; %d rows were taken out%n", LoadLines.name(load), rows);
            out.flush();
            removal.report(spec.commandLine().getErr());
            return 0;
        }
    }
}
