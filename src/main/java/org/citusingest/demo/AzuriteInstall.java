package org.citusingest.demo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** A folder that Azurite is installed in from npm, at the versions of the lock file in the jar. */
final class AzuriteInstall {
    private static final List<String> FILES =
            List.of("package.json", "package-lock.json", ".npmrc", "start.js");
    private static final int OLDEST_NODE = 20;

    private final Path folder;
    private final Map<String, String> environment;

    AzuriteInstall(Path folder, Map<String, String> environment) {
        this.folder = folder.toAbsolutePath();
        this.environment = environment;
    }

    /** Whether the folder holds the very packages that the lock file in the jar names. */
    boolean complete() throws IOException {
        return Files.exists(marker()) && Files.readString(marker()).equals(hashOfFiles());
    }

    /**
     * Installs Azurite where that has not been done.
     *
     * @return the node that runs Azurite
     */
    Program ensure() throws IOException {
        Files.createDirectories(folder);
        Program node = node();
        // The file's lock keeps other processes out, the monitor the other threads of this one.
        synchronized (AzuriteInstall.class) {
            try (FileChannel channel =
                    FileChannel.open(
                            folder.resolve("install.lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE)) {
                channel.lock();
                if (!complete()) {
                    install();
                }
            }
        }
        return node;
    }

    /** The script that starts a service of Azurite, named by its first argument. */
    Path script() {
        return folder.resolve("start.js");
    }

    private void install() throws IOException {
        Program npm = Program.find("npm", "npm", environment);
        for (String file : FILES) {
            Files.write(folder.resolve(file), resource(file));
        }
        // No package of the lock file has an install script, and none shall come in unseen.
        npm.run(
                folder,
                folder.resolve("npm.log"),
                Duration.ofMinutes(10),
                List.of("ci", "--ignore-scripts", "--no-audit", "--no-fund"));
        Files.writeString(marker(), hashOfFiles());
    }

    private Program node() throws IOException {
        String wanted = "node " + OLDEST_NODE + " or newer";
        Program node = Program.find("node", wanted, environment);
        Path answer = Files.createTempFile(folder, "node-version-", ".log");
        try {
            node.run(folder, answer, Duration.ofMinutes(1), List.of("--version"));
            String version = Program.lastLine(answer); // v20.20.2
            if (!version.matches("v\\d+\\..*")
                    || Integer.parseInt(version.substring(1, version.indexOf('.'))) < OLDEST_NODE) {
                throw new DemoException(
                        "%s is needed, but %s is %s: install a newer Node.js, %s"
                                .formatted(
                                        wanted, node.file(), version, DemoException.OTHER_STORAGE));
            }
        } finally {
            Files.delete(answer);
        }
        return node;
    }

    private Path marker() {
        return folder.resolve("installed.sha256");
    }

    private static String hashOfFiles() throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String file : FILES) {
                digest.update(resource(file));
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = AzuriteInstall.class.getResourceAsStream("azurite/" + name)) {
            if (in == null) {
                throw new IOException("the jar lacks org/citusingest/demo/azurite/" + name);
            }
            return in.readAllBytes();
        }
    }
}
