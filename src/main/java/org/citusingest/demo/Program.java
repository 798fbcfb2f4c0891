package org.citusingest.demo;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A program of this machine that was found on the search path.
 *
 * @param file the program's file
 * @param environment all variables that it is given
 */
record Program(Path file, Map<String, String> environment) {

    /**
     * Finds a program in the folders of the variable PATH.
     *
     * @throws DemoException where it is in none of them
     */
    static Program find(String name, String wanted, Map<String, String> environment) {
        return Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator, -1))
                .filter(folder -> !folder.isEmpty())
                .flatMap(
                        folder ->
                                Stream.of("", ".exe", ".cmd")
                                        .map(end -> Path.of(folder, name + end)))
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .findFirst()
                .map(file -> new Program(file, environment))
                .orElseThrow(
                        () ->
                                new DemoException(
                                        wanted
                                                + " was not found on the PATH: install Node.js, "
                                                + DemoException.OTHER_STORAGE));
    }

    /** Starts the program in a folder; what it prints replaces the content of the log. */
    Process start(Path folder, Path log, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(file.toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().putAll(environment);
        return builder.directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    /**
     * Runs the program to its end.
     *
     * @throws DemoException where it ends with another code than 0 or not in time
     */
    void run(Path folder, Path log, Duration limit, List<String> arguments) throws IOException {
        Process process = start(folder, log, arguments);
        String command = file + " " + String.join(" ", arguments);
        try {
            process.getOutputStream().close();
            boolean ended = process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
            if (!ended || process.exitValue() != 0) {
                throw new DemoException(
                        "%s %s (%s): see %s, %s"
                                .formatted(
                                        command,
                                        ended
                                                ? "ended with code " + process.exitValue()
                                                : "did not end in " + limit.toSeconds() + " s",
                                        lastLine(log),
                                        log,
                                        DemoException.OTHER_STORAGE));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DemoException("interrupted while running " + command, e);
        } finally {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
        }
    }

    /** The last line of a log that holds anything, for an error of one line. */
    static String lastLine(Path log) throws IOException {
        // A program may print what is no UTF-8, so the bytes are not read as strictly as by
        // lines().
        String text = new String(Files.readAllBytes(log), StandardCharsets.UTF_8).strip();
        return text.isEmpty() ? "it printed nothing" : text.substring(text.lastIndexOf('\n') + 1);
    }
}
