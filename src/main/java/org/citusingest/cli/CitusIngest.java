package org.citusingest.cli;

import java.io.PrintWriter;
import org.citusingest.ledger.Failure;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line: its commands, and how an error ends it. */
@Command(
        name = "citus-ingest",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description =
                "Loads files from Azure Blob Storage into Citus, each blob version exactly once.",
        footer = {
            "",
            "Examples:",
            "  citus-ingest demo                      try it, with servers of its own",
            "  citus-ingest check                     look at connections, routes and tables",
            "  citus-ingest load                      load what is there now",
            "  citus-ingest run                       load whatever comes, until stopped",
            "  citus-ingest status                    look at the loads",
            "  citus-ingest rejects                   look at the rows that were rejected",
            "",
            "Exit codes: 0 ok, 1 failed, 2 wrong usage."
        })
public final class CitusIngest {
    private CitusIngest() {}

    /** The command line, for an application that this factory opens. */
    public static CommandLine commandLine(Ingest.Factory factory) {
        CommandLine line = new CommandLine(new CitusIngest());
        line.addSubcommand("run", new RunCommand(factory));
        line.addSubcommand("load", new LoadCommand(factory));
        line.addSubcommand("status", new StatusCommand(factory));
        line.addSubcommand("check", new CheckCommand(factory));
        CommandLine rejects = new CommandLine(new RejectsCommand(factory));
        rejects.addSubcommand("replay", new ReplayCommand(factory));
        line.addSubcommand("rejects", rejects);
        line.addSubcommand("reload", new ReloadCommand(factory));
        line.addSubcommand("skip", new SkipCommand(factory));
        line.addSubcommand("unload", new UnloadCommand(factory));
        line.addSubcommand("install", new InstallCommand(factory));
        line.addSubcommand("demo", new DemoCommand(factory));
        line.setExecutionExceptionHandler(
                (error, failed, parsed) -> {
                    PrintWriter err = failed.getErr();
                    err.println(
                            "citus-ingest "
                                    + failed.getCommandSpec()
                                            .qualifiedName(" ")
                                            .substring("citus-ingest ".length())
                                    + ": "
                                    + LoadLines.printable(Failure.oneLine(error)));
                    err.flush();
                    LoggerFactory.getLogger(CitusIngest.class).debug("The command failed", error);
                    return CommandLine.ExitCode.SOFTWARE;
                });
        return line;
    }
}
