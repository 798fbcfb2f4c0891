package org.citusingest.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "check",
        mixinStandardHelpOptions = true,
        description = {
            "Looks at the database, the storage account, the route files, and the tables and containers they name.",
            "Writes nothing. The exit code is 1 if anything is wrong."
        },
        footer = {
            "",
            "Examples:",
            "  citus-ingest check",
            "  citus-ingest check --routes routes --json"
        })
final class CheckCommand implements Callable<Integer> {
    private final Ingest.Factory factory;

    @Mixin private CommonOptions common;

    @Spec private CommandSpec spec;

    @Option(names = "--json", description = "Print a JSON array.")
    private boolean json;

    CheckCommand(Ingest.Factory factory) {
        this.factory = factory;
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        List<Ingest.Finding> findings;
        try (Ingest ingest = factory.open(common.options())) {
            findings = ingest.check();
        }
        if (json) {
            out.println(Json.line(findings));
        } else {
            findings.forEach(
                    finding ->
                            out.printf(
                                    "%-5s  %s: %s%n",
                                    finding.ok() ? "ok" : "wrong",
                                    finding.subject(),
                                    finding.text()));
        }
        out.flush();
        return findings.stream().allMatch(Ingest.Finding::ok) ? 0 : 1;
    }
}
