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
        name = "skip",
        mixinStandardHelpOptions = true,
        description = {
            "Says that a load that waits or has failed is not to be loaded: neither run nor load tries it again.",
            "A newer version of the blob is a load of its own."
        },
        footer = {
            "",
            "Examples:",
            "  citus-ingest skip logs/http/monday.csv",
            "  citus-ingest skip --load 17 --reason 'sent by mistake'"
        })
final class SkipCommand implements Callable<Integer> {
    private final Ingest.Factory factory;

    @Mixin private CommonOptions common;

    @Spec private CommandSpec spec;

    @Mixin private LoadChoice choice;

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            defaultValue = "skipped by hand",
            description = "Why, for the ledger; default: ${DEFAULT-VALUE}.")
    private String reason;

    SkipCommand(Ingest.Factory factory) {
        this.factory = factory;
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try (Ingest ingest = factory.open(common.options())) {
            LoadRecord load = choice.of(ingest.ledger());
            ingest.ledger().skip(load.id(), reason);
            out.printf("%s is skipped%n", LoadLines.name(load));
            out.flush();
            return 0;
        }
    }
}
