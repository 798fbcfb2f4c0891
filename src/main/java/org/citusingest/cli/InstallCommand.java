package org.citusingest.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.citusingest.ledger.Ledger;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "install",
        mixinStandardHelpOptions = true,
        description = {
            "Makes the ledger in the database, or brings it to the version of this program.",
            "The first load does so by itself, unless its role may create nothing: see deploy/roles.sql."
        },
        footer = {
            "",
            "Examples:",
            "  citus-ingest install",
            "  CITUS_USER=ingest_owner CITUS_PASSWORD=... citus-ingest install"
        })
final class InstallCommand implements Callable<Integer> {
    private final Ingest.Factory factory;

    @Mixin private CommonOptions common;

    @Spec private CommandSpec spec;

    InstallCommand(Ingest.Factory factory) {
        this.factory = factory;
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try (Ingest ingest = factory.open(common.options())) {
            Ledger ledger = ingest.ledger();
            int before = ledger.version();
            ledger.install();
            out.printf(
                    before == ledger.knownVersion()
                            ? "The ledger has version %d already%n"
                            : "The ledger has version %d now%n",
                    ledger.knownVersion());
            out.flush();
            return 0;
        }
    }
}
