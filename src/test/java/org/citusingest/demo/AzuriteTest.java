package org.citusingest.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.BlobClient;
import com.azure.storage.blob.BlobServiceClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.citusingest.TestAzurite;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AzuriteTest {
    @TempDir Path folder;

    @Test
    void takes_an_upload_and_gives_it_back() {
        BlobClient blob = TestAzurite.container().getBlobClient("folder/a name with spaces.csv");

        blob.upload(BinaryData.fromString("site_id\n1\n"));

        assertThat(blob.downloadContent().toString()).isEqualTo("site_id\n1\n");
        assertThat(blob.getBlobUrl()).startsWith("http://127.0.0.1:");
    }

    @Test
    void keeps_its_blobs_over_a_restart_and_does_not_install_again() throws IOException {
        TestAzurite.client(); // installed from here on
        FileTime installed = lastInstallation();
        SampleBlob blob = new SampleBlob("kept", "a.csv", 1, out -> out.write('a'));

        try (Azurite first = Azurite.start(TestAzurite.INSTALL, folder)) {
            assertThat(SampleData.upload(client(first), blob)).isTrue();
        }
        try (Azurite second = Azurite.start(TestAzurite.INSTALL, folder)) {
            assertThat(SampleData.upload(client(second), blob)).isFalse();
        }

        assertThat(Azurite.installed(TestAzurite.INSTALL)).isTrue();
        assertThat(lastInstallation()).isEqualTo(installed);
    }

    @Test
    void frees_its_port_when_closed() {
        Azurite azurite = Azurite.start(TestAzurite.INSTALL, folder);
        int port = URI.create(azurite.url()).getPort();

        azurite.close();
        azurite.close();

        assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
                .isInstanceOf(ConnectException.class);
    }

    @Test
    void ends_when_the_program_that_started_it_has_gone() throws Exception {
        AzuriteInstall install = new AzuriteInstall(TestAzurite.INSTALL, System.getenv());
        Path log = folder.resolve("azurite.log");
        List<String> arguments = List.of(install.script().toString(), "blob", "--blobPort", "0");
        Process process = install.ensure().start(folder, log, arguments);
        await().until(() -> Files.readString(log).contains("successfully listens"));

        process.getOutputStream().close(); // as the system does for a program that was killed

        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    }

    @Test
    void says_in_one_line_that_node_is_missing() {
        assertThatThrownBy(() -> Azurite.start(folder, folder, Map.of("PATH", "")))
                .isInstanceOf(DemoException.class)
                .hasMessage(
                        "node 20 or newer was not found on the PATH: "
                                + "install Node.js, or point --storage at a real account");
    }

    @Test
    void says_which_node_is_too_old() throws IOException {
        Path node = program("node", "echo v18.19.0");

        assertThatThrownBy(() -> Azurite.start(folder, folder, path()))
                .isInstanceOf(DemoException.class)
                .hasMessage(
                        "node 20 or newer is needed, but %s is v18.19.0: install a newer Node.js, or point --storage at a real account",
                        node);
    }

    @Test
    void says_why_npm_could_not_install() throws IOException {
        program("node", "echo v20.1.0");
        Path npm = program("npm", "echo npm error network is down; exit 7");
        Path install = folder.resolve("install");

        assertThatThrownBy(() -> Azurite.start(install, folder, path()))
                .isInstanceOf(DemoException.class)
                .hasMessage(
                        "%s ci --ignore-scripts --no-audit --no-fund ended with code 7 (npm error network is down): see %s, or point --storage at a real account",
                        npm, install.resolve("npm.log"));
        assertThat(Azurite.installed(install)).isFalse();
    }

    @Test
    void says_why_azurite_did_not_start() throws IOException {
        program("node", "[ \"$1\" = --version ] && echo v20.1.0 || { echo out of luck; exit 3; }");
        program("npm", "exit 0");

        assertThatThrownBy(() -> Azurite.start(folder, folder, path()))
                .isInstanceOf(DemoException.class)
                .hasMessage(
                        "Azurite ended with code 3 (out of luck): see %s, or point --storage at a real account",
                        folder.resolve("azurite.log"));
    }

    @Test
    void says_that_a_folder_cannot_be_written() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));

        assertThatThrownBy(() -> Azurite.start(folder, file))
                .isInstanceOf(DemoException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("choose folders that can be written");
    }

    private Map<String, String> path() {
        return Map.of("PATH", folder.toString());
    }

    private Path program(String name, String script) throws IOException {
        Path file = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + script + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
        return file;
    }

    private static FileTime lastInstallation() throws IOException {
        return Files.getLastModifiedTime(TestAzurite.INSTALL.resolve("node_modules"));
    }

    private static BlobServiceClient client(Azurite azurite) {
        return new BlobServiceClientBuilder()
                .connectionString(azurite.connectionString())
                .buildClient();
    }
}
