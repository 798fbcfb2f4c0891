package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import javax.management.Attribute;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code bin/citus-ingest}, which is also how the image starts. */
class LauncherTest {
    private static final ObjectName PIPELINE =
            name("org.citusingest:context=citus-ingest,type=pipelines,name=\"items\"");

    @TempDir private Path folder;
    private Workspace workspace;
    private Path launcher;

    private static ObjectName name(String text) {
        try {
            return new ObjectName(text);
        } catch (javax.management.MalformedObjectNameException e) {
            throw new AssertionError(e);
        }
    }

    /** Lays the application out as the image does, with the classes that are tested. */
    @BeforeEach
    void layOut() throws IOException {
        Path home = Files.createDirectories(folder.resolve("home"));
        Path bin = Files.createDirectories(home.resolve("bin"));
        launcher =
                Files.copy(
                        Path.of("bin", "citus-ingest"),
                        bin.resolve("citus-ingest"),
                        StandardCopyOption.COPY_ATTRIBUTES);
        Files.createSymbolicLink(
                home.resolve("console"), Path.of("target", "console").toAbsolutePath());
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, App.class.getName());
        manifest.getMainAttributes()
                .put(
                        Attributes.Name.CLASS_PATH,
                        Arrays.stream(System.getProperty("java.class.path").split(":"))
                                .map(entry -> Path.of(entry).toUri())
                                .map(URI::toString)
                                .collect(Collectors.joining(" ")));
        new JarOutputStream(Files.newOutputStream(home.resolve("citus-ingest.jar")), manifest)
                .close();
        workspace = new Workspace(folder.resolve("work")).items();
        workspace.upload("items/a.csv", "id,name\n1,one\n");
    }

    private Process launch(Map<String, String> environment, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.redirectOutput(folder.resolve("output").toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment);
        return builder.start();
    }

    private String output() throws IOException {
        return Files.readString(folder.resolve("output"));
    }

    private static void awaitThat(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(100))
                .ignoreExceptions()
                .untilAsserted(assertion);
    }

    @Test
    void a_load_runs_with_no_java_objects_of_others_and_with_the_options_of_its_user()
            throws Exception {
        Process load =
                launch(
                        Map.of("JAVA_OPTS", "-Xmx200m -XX:+PrintFlagsFinal"),
                        workspace.arguments("load"));

        assertThat(load.waitFor(90, TimeUnit.SECONDS)).isTrue();
        assertThat(load.exitValue()).as(output()).isZero();
        assertThat(output()).containsPattern("MaxHeapSize +:?= 209715200 ");
        assertThat(workspace.itemRows()).containsExactly("1|one");
    }

    @Test
    @SuppressWarnings("BanJNDI") // It connects to a process that it has started.
    void run_with_its_console_and_the_jmx_of_this_machine_takes_no_objects_of_other_classes()
            throws Exception {
        Process run =
                launch(Map.of(), workspace.arguments("run", "--hawtio", "--hawtio-port", "0"));
        try {
            awaitThat(() -> assertThat(workspace.itemRows()).containsExactly("1|one"));
            awaitThat(() -> assertThat(output()).contains("Hawtio: http://127.0.0.1:"));
            VirtualMachine machine = VirtualMachine.attach(String.valueOf(run.pid()));
            assertThat(machine.getSystemProperties().getProperty("jdk.serialFilter"))
                    .endsWith(";!*");
            String address = machine.startLocalManagementAgent();
            machine.detach();

            try (JMXConnector jmx = JMXConnectorFactory.connect(new JMXServiceURL(address))) {
                MBeanServerConnection beans = jmx.getMBeanServerConnection();
                awaitThat(() -> assertThat(beans.getAttribute(PIPELINE, "Rows")).isEqualTo(1L));
                beans.invoke(PIPELINE, "pause", null, null);
                assertThat(beans.getAttribute(PIPELINE, "Paused")).isEqualTo(true);
                assertThatThrownBy(
                                () ->
                                        beans.setAttribute(
                                                PIPELINE,
                                                new Attribute("Paused", URI.create("a:b"))))
                        .hasStackTraceContaining("filter status: REJECTED");
            }
        } finally {
            run.destroy();
            assertThat(run.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }
    }
}
