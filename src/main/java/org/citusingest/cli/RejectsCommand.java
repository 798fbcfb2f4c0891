package org.citusingest.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.citusingest.ledger.RejectRecord;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "rejects",
        mixinStandardHelpOptions = true,
        description = {
            "Shows the rejected rows that are in no table yet, the newest load first: those of loaded loads, and those "
                    + "of loads that failed or were taken out, marked so.",
            "With --csv or --json all fields and whole rows: raw is the row as it stands in its source, or "
                    + "\\x and hexadecimal digits where it is not UTF-8, has a NUL or begins with \\x itself."
        },
        footer = {
            "",
            "Examples:",
            "  citus-ingest rejects",
            "  citus-ingest rejects --load 17 --limit 1000",
            "  citus-ingest rejects --load 17 --csv > rejected.csv",
            "  citus-ingest rejects --json | jq -r .reason | sort | uniq -c",
            "  citus-ingest rejects replay --load 17 --file fixed.csv"
        })
final class RejectsCommand implements Callable<Integer> {
    private static final int SCREEN = 100;
    private static final int ALL = Integer.MAX_VALUE;

    private final Ingest.Factory factory;

    @Mixin private CommonOptions common;

    @Spec private CommandSpec spec;

    @ArgGroup private Format format = new Format();

    @Option(names = "--load", paramLabel = "ID", description = "Show the rows of this load only.")
    private Long load;

    @Option(names = "--all", description = "Show those, too, that a replay has taken up.")
    private boolean all;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "Show so many rows; default: 100, and all with --csv or --json.")
    private Integer limit;

    private static final class Format {
        @Option(names = "--csv", description = "Print CSV as in RFC 4180, with a header.")
        private boolean csv;

        @Option(names = "--json", description = "Print a JSON object a line.")
        private boolean json;
    }

    RejectsCommand(Ingest.Factory factory) {
        this.factory = factory;
    }

    /** Also those that stand after a subcommand. */
    Ingest.Options options() {
        return common.options();
    }

    @Override
    public Integer call() throws IOException {
        if (limit != null && limit < 1) {
            throw new ParameterException(
                    spec.commandLine(), "--limit is %d; it must be 1 or more".formatted(limit));
        }
        PrintWriter out = spec.commandLine().getOut();
        try (Ingest ingest = factory.open(common.options())) {
            if (load != null) {
                LoadChoice.byId(ingest.ledger(), load);
            }
            if (format.csv) {
                RejectLines.csv(out, to -> read(ingest, ALL, to));
            } else if (format.json) {
                read(ingest, ALL, reject -> out.println(Json.line(RejectLines.json(reject))));
            } else {
                print(ingest, out);
            }
            out.flush();
            return 0;
        }
    }

    private void read(Ingest ingest, int otherwise, Consumer<RejectRecord> to) {
        ingest.ledger()
                .rejects(Optional.ofNullable(load), all, limit == null ? otherwise : limit, to);
    }

    private void print(Ingest ingest, PrintWriter out) {
        RejectLines lines = new RejectLines(out);
        read(ingest, SCREEN, lines::print);
        if (lines.count() == 0) {
            out.println("No rejected row");
        } else if (lines.count() == (limit == null ? SCREEN : limit)) {
            out.println("There may be more: --limit shows so many, --csv and --json show all");
        }
    }
}
