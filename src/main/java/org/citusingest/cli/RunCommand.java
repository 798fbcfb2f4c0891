package org.citusingest.cli;

import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.citusingest.console.ConsoleLogin;
import org.citusingest.routes.RouteFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description =
                "Starts the routes and stays. SIGTERM ends it: what is being loaded is finished first.",
        footer = {
            "",
            "Examples:",
            "  citus-ingest run",
            "  citus-ingest run --routes /etc/citus-ingest/routes",
            "  citus-ingest run --hawtio                     with a console, for a browser on this machine"
        })
final class RunCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

    private final Ingest.Factory factory;

    @Mixin private CommonOptions common;
    @Spec private CommandSpec spec;

    @Option(
            names = "--hawtio",
            description =
                    "Serves the console Hawtio on this machine, and says on standard error where and with which password.")
    private boolean hawtio;

    @Option(
            names = "--hawtio-port",
            paramLabel = "PORT",
            description = "The console's port, 0 for any; default: HAWTIO_PORT, else 8778.")
    private Integer hawtioPort;

    RunCommand(Ingest.Factory factory) {
        this.factory = factory;
    }

    @Override
    public Integer call() throws Exception {
        if (hawtioPort != null && (!hawtio || hawtioPort < 0 || hawtioPort > 65_535)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--hawtio-port goes with --hawtio, and is from 0 to 65535; it is "
                            + hawtioPort);
        }
        try (Ingest ingest = factory.open(common.options());
                StopSignal signal = StopSignal.install(ingest::close, 0)) {
            Optional<ConsoleLogin> login = openConsole(ingest);
            List<RouteFile> files = ingest.run();
            login.ifPresent(this::print);
            for (RouteFile file : files) {
                if (file instanceof RouteFile.Broken broken) {
                    LOG.error("routeFile={} not loaded: {}", broken.path(), broken.error());
                }
            }
            if (files.isEmpty()) {
                LOG.warn("There is no route file; nothing is loaded");
            }
            signal.await();
            return 0;
        }
    }

    /** Before anything else is started: a port that is in use ends the command. */
    private Optional<ConsoleLogin> openConsole(Ingest ingest) {
        return hawtio
                ? Optional.of(
                        ingest.openConsole(
                                hawtioPort == null
                                        ? OptionalInt.empty()
                                        : OptionalInt.of(hawtioPort)))
                : Optional.empty();
    }

    private void print(ConsoleLogin login) {
        PrintWriter err = spec.commandLine().getErr();
        err.println("Hawtio: " + login.address());
        err.println(
                login.madePassword()
                        .map(
                                password ->
                                        "  user %s, password %s for this run; HAWTIO_PASSWORD sets another"
                                                .formatted(login.user(), password))
                        .orElse("  user %s, password as set".formatted(login.user())));
        err.flush();
    }
}
