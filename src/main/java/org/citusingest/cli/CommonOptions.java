package org.citusingest.cli;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** What every command understands. */
final class CommonOptions {
    @Option(
            names = "--config",
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            description =
                    "The properties file; default: application.properties here, else beside bin/.")
    private Path config;

    @Option(
            names = "--routes",
            scope = ScopeType.INHERIT,
            paramLabel = "DIR",
            description =
                    "The folder of route files; default: ROUTES_DIR, else routes beside the properties file.")
    private Path routes;

    Ingest.Options options() {
        return options(Map.of());
    }

    Ingest.Options options(Map<String, String> overrides) {
        return new Ingest.Options(
                Optional.ofNullable(config), Optional.ofNullable(routes), overrides);
    }
}
