package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.citusingest.Workspace.Run;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsageTest {
    @TempDir private Path folder;

    private static Run run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int code = App.run(new PrintWriter(out), new PrintWriter(err), arguments);
        return new Run(code, out.toString(), err.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run",
                "load",
                "status",
                "check",
                "rejects",
                "rejects replay",
                "reload",
                "skip",
                "unload",
                "install",
                "demo"
            })
    void the_help_of_every_command_has_examples(String command) {
        Run run = run((command + " --help").split(" "));

        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("Usage: citus-ingest " + command).contains("--config");
        assertThat(run.out().substring(run.out().indexOf("Examples:")))
                .contains("  citus-ingest " + command);
    }

    @Test
    void the_help_names_the_commands_and_the_exit_codes() {
        Run run = run("--help");

        assertThat(run.code()).isZero();
        assertThat(run.out())
                .contains("run", "load", "status", "check", "rejects", "reload", "skip", "unload")
                .contains("install", "demo", "Examples:")
                .contains("Exit codes: 0 ok, 1 failed, 2 wrong usage.");
        assertThat(run("--version").out()).startsWith("citus-ingest ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run",
                "load",
                "status",
                "check",
                "rejects",
                "rejects replay --load 1",
                "reload",
                "skip",
                "unload --load 1",
                "install",
                "demo"
            })
    void an_unknown_option_is_a_wrong_usage(String command) {
        Run run = run((command + " --unknown").split(" "));

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).startsWith("Unknown option: '--unknown'").contains("Usage:");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void an_unknown_command_and_none_are_wrong_usages() {
        assertThat(run("laod").code()).isEqualTo(2);
        assertThat(run("laod").err()).contains("laod").contains("load");
        assertThat(run().code()).isEqualTo(2);
        assertThat(run().err()).contains("Usage: citus-ingest");
    }

    @Test
    void a_properties_file_that_is_not_there_is_named() {
        Run run = run("status", "--config", folder.resolve("none.properties").toString());

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err().lines())
                .containsExactly(
                        "citus-ingest status: There is no properties file %s: name another with --config"
                                .formatted(folder.resolve("none.properties")));
    }

    @ParameterizedTest(name = "{0}={1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "citus.url||citus.url is not set: set CITUS_URL to",
                "citus.url|postgresql://host/db|citus.url (CITUS_URL) must begin with jdbc:postgresql:",
                "citus.url|jdbc:postgresql://me:secret@host/db|citus.url (CITUS_URL) has a user before the host: set CITUS_USER",
                "citus.url|jdbc:postgresql://host:port/db|citus.url (CITUS_URL) is not understood: write it like",
                "citus.connections|2|citus.connections (CITUS_CONNECTIONS) is '2'; it must be a whole number from 3 to 1000",
                "citus.connections|ten|citus.connections (CITUS_CONNECTIONS) is 'ten'; it must be",
                "copy.threads|0|copy.threads (COPY_THREADS) is '0'; it must be a whole number from 1 to 64",
                "ledger.lease|0|ledger.lease (LEDGER_LEASE_SECONDS) is '0'; it must be a whole number from 1 to 3600",
                "storage.connection-string|DefaultEndpointsProtocol=https|storage.connection-string (AZURE_STORAGE_CONNECTION_STRING) is not understood",
                "storage.connection-string||No storage account is set: set AZURE_STORAGE_ACCOUNT",
                "camel.main.streamCachingEnabld|x|camel.main.streamCachingEnabld",
                "routes.folder|/nowhere|There is no folder /nowhere",
            })
    void a_setting_that_is_missing_or_wrong_is_one_line(
            String property, String value, String message) {
        Workspace workspace = new Workspace(folder).items();
        if (property.endsWith("Enabld")) {
            workspace.append(property + " = " + value);
        } else {
            workspace.set(property, value == null ? "" : value);
        }

        assertOneLine(workspace.run("load"), message);
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "My-Account|shared-key||storage.account (AZURE_STORAGE_ACCOUNT) is 'My-Account'; an account's name has",
                "account1|shared-key||storage.key is not set: set AZURE_STORAGE_KEY to",
                "account1|sas||storage.sas is not set: set AZURE_STORAGE_SAS to",
                "account1|password||storage.credential (AZURE_STORAGE_CREDENTIAL) is 'password'; it must be managed-identity, shared-key or sas",
                "account1|shared-key|not base64!|storage.key (AZURE_STORAGE_KEY) is not",
            })
    void a_storage_account_without_what_it_needs_is_one_line(
            String account, String credential, String key, String message) {
        Workspace workspace = new Workspace(folder).items();
        workspace.set("storage.connection-string", "").set("storage.account", account);
        workspace.set("storage.credential", credential);
        workspace.set("storage.key", key == null ? "" : key);

        assertOneLine(workspace.run("load"), message);
    }

    private static void assertOneLine(Run run, String message) {
        assertThat(run.err().lines())
                .singleElement()
                .asString()
                .startsWith("citus-ingest load: ")
                .contains(message);
        assertThat(run.out()).isEmpty();
        assertThat(run.code()).isEqualTo(1);
    }
}
