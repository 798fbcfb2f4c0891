package org.citusingest.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.citusingest.routes.RouteFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description =
                "Starts the routes and stays. SIGTERM ends it: what is being loaded is finished first.",
        footer = {
            "",
            "Examples:",
            "  citus-ingest run",
            "  citus-ingest run --routes /etc/citus-ingest/routes"
        })
final class RunCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

    private final Ingest.Factory factory;

    @Mixin private CommonOptions common;

    RunCommand(Ingest.Factory factory) {
        this.factory = factory;
    }

    @Override
    public Integer call() throws Exception {
        try (Ingest ingest = factory.open(common.options());
                StopSignal signal = StopSignal.install(ingest::close, 0)) {
            List<RouteFile> files = ingest.run();
            for (RouteFile file : files) {
                if (file instanceof RouteFile.Broken broken) {
                    LOG.error("routeFile={} not loaded: {}", broken.path(), broken.error());
                } else if (file instanceof RouteFile.Usable usable) {
                    LOG.info("routeFile={} routes={}", usable.path(), usable.routeIds());
                }
            }
            if (files.isEmpty()) {
                LOG.warn("There is no route file; nothing is loaded");
            }
            signal.await();
            return 0;
        }
    }
}
