package org.citusingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.citusingest.monitoring.Pages;

/**
 * An application with everything switched on that shows something, whose settings hold secrets of
 * all kinds; and all that it shows.
 */
final class WatchedApp implements AutoCloseable {
    private static final Pattern CONSOLE =
            Pattern.compile("Hawtio: (http://127\\.0\\.0\\.1:\\d+/hawtio/)");
    private static final Pattern KEY = Pattern.compile("AccountKey=([^;]+)");
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Workspace workspace;
    private final Pages pages = Pages.atFreePort();
    private final int webhook;
    private final Map<String, Canary> canaries = new LinkedHashMap<>();
    private final ChildApp app;

    private WatchedApp(Path folder) throws IOException {
        workspace = new Workspace(folder).items();
        pages.properties().forEach(workspace::set);
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            webhook = free.getLocalPort();
        }
        workspace.set("management.jolokia", "true").set("webhook.port", String.valueOf(webhook));
        for (String key : List.of("citus.url", "citus.password", "storage.connection-string")) {
            workspace.set(key, shipped(key));
        }
        workspace.set("management.password", shipped("management.password"));
        for (String variable :
                List.of(
                        "CITUS_PASSWORD",
                        "WEBHOOK_SECRET",
                        "HAWTIO_PASSWORD",
                        "MANAGEMENT_PASSWORD",
                        "OTEL_EXPORTER_OTLP_HEADERS",
                        "URL_PASSWORD")) {
            canaries.put(variable, new Canary(variable, "canary/+of " + variable + "=?&"));
        }
        canaries.put("MANAGEMENT_PASSWORD", new Canary("MANAGEMENT_PASSWORD", Pages.PASSWORD));
        Matcher key = KEY.matcher(TestAzurite.connectionString());
        assertThat(key.find()).isTrue();
        canaries.put("AccountKey", new Canary("AccountKey", key.group(1)));
        workspace.upload("items/a.csv", "id,name\n1,one\n");
        workspace.upload("items/bad.csv", "id,name\nx,one\n");
        workspace.route(
                "blob-webhook.camel.yaml",
                Files.readString(Path.of("routes/examples/blob-webhook.camel.yaml")));
        workspace.route(
                "events.camel.yaml",
                Files.readString(Path.of("routes/examples/on-load.camel.yaml")));
        Path everything =
                Files.writeString(folder.resolve("trace.properties"), "rootLogger.level = trace\n");
        app =
                ChildApp.start(
                        folder,
                        List.of(
                                "-Xmx256m",
                                "-Dlog4j2.configurationFile=log4j2.properties,log4j2-json.properties,"
                                        + everything),
                        environment(),
                        workspace.arguments("run", "--hawtio", "--hawtio-port", "0"));
    }

    static WatchedApp start(Path folder) throws IOException {
        return new WatchedApp(folder);
    }

    /** The line of the shipped properties: it takes the value from the environment. */
    private static String shipped(String key) throws IOException {
        return Files.readAllLines(Path.of("application.properties")).stream()
                .filter(line -> line.startsWith(key + " = "))
                .map(line -> line.substring(key.length() + 3))
                .findFirst()
                .orElseThrow();
    }

    private Map<String, String> environment() {
        Map<String, String> environment = new LinkedHashMap<>();
        canaries.forEach((name, canary) -> environment.put(name, canary.secret()));
        environment.put(
                "CITUS_URL",
                workspace.url()
                        + "?password="
                        + URLEncoder.encode(canaries.get("URL_PASSWORD").secret(), UTF_8));
        environment.put("AZURE_STORAGE_CONNECTION_STRING", TestAzurite.connectionString());
        environment.put("LOG_LEVEL", "trace");
        environment.put("LOG_TRACE", "full");
        return environment;
    }

    List<Canary> canaries() {
        return List.copyOf(canaries.values());
    }

    /** All that can be seen of it, by where it is seen. */
    Map<String, String> outputs() throws Exception {
        await().atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(200))
                .untilAsserted(
                        () -> {
                            assertThat(app.isAlive()).as(app.err()).isTrue();
                            assertThat(workspace.loads("state"))
                                    .containsExactlyInAnyOrder("loaded", "failed");
                            assertThat(app.err()).containsPattern(CONSOLE);
                        });
        Map<String, String> seen = new LinkedHashMap<>();
        seen.put(
                "webhook",
                webhook("another secret", "[]") + webhook(secret("WEBHOOK_SECRET"), "{"));
        for (String page : List.of("health", "metrics", "jolokia/list", "jolokia/read/*:*")) {
            String answer = pages.get("/observe/" + page).body();
            assertThat(answer).hasSizeGreaterThan(100);
            seen.put(page, answer);
        }
        seen.put("console", console());
        seen.put("jmx", jmx());
        seen.put(
                "ledger",
                String.join(
                                "\n",
                                workspace.database.rows("SELECT l::text FROM citus_ingest.load l"))
                        + String.join(
                                "\n",
                                workspace.database.rows(
                                        "SELECT r::text FROM citus_ingest.reject r")));
        seen.put("status", status());
        seen.put("log", app.out() + app.err());
        return seen;
    }

    /** With its log too. */
    private String status() throws InterruptedException {
        try (ChildApp status =
                ChildApp.start(
                        workspace.folder,
                        List.of("-Xmx256m"),
                        environment(),
                        workspace.arguments("status"))) {
            assertThat(status.exitCode()).isZero();
            return status.out() + status.err();
        }
    }

    private String secret(String name) {
        return canaries.get(name).secret();
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return HTTP.send(request.build(), BodyHandlers.ofString());
    }

    private String webhook(String secret, String body) throws Exception {
        HttpResponse<String> answer =
                send(
                        HttpRequest.newBuilder(
                                        URI.create(
                                                "http://127.0.0.1:%d/events/blob"
                                                        .formatted(webhook)))
                                .header("X-Webhook-Secret", secret)
                                .POST(BodyPublishers.ofString(body)));
        assertThat(answer.statusCode()).isBetween(400, 401);
        return answer + " " + answer.headers() + answer.body();
    }

    /** What Hawtio's pages may ask for, once somebody has logged in. */
    private String console() throws Exception {
        Matcher address = CONSOLE.matcher(app.err());
        assertThat(address.find()).isTrue();
        String login =
                "{\"username\":\"hawtio\",\"password\":\"%s\"}"
                        .formatted(secret("HAWTIO_PASSWORD"));
        String cookie =
                send(HttpRequest.newBuilder(URI.create(address.group(1) + "auth/login"))
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString(login)))
                        .headers()
                        .firstValue("Set-Cookie")
                        .orElseThrow()
                        .replaceFirst(";.*", "");
        String context =
                "org.apache.camel:context=citus-ingest,name=\\\"citus-ingest\\\",type=context";
        String asked =
                """
                [{"type":"list"},{"type":"read","mbean":"*:*"},{"type":"read","mbean":"java.lang:type=Runtime"},
                 {"type":"read","mbean":"java.lang:type=Runtime","attribute":"SystemProperties"},
                 {"type":"read","mbean":"java.lang:type=Runtime","attribute":"InputArguments"},
                 {"type":"exec","mbean":"%s","operation":"dumpRoutesAsXml()"}]
                """
                        .formatted(context);
        String answer =
                send(HttpRequest.newBuilder(URI.create(address.group(1) + "jolokia"))
                                .header("Cookie", cookie)
                                .header("Content-Type", "application/json")
                                .POST(BodyPublishers.ofString(asked)))
                        .body();
        assertThat(answer)
                .contains("EndpointUri")
                .contains("<route")
                .contains("\"status\":403")
                .doesNotContain("java.class.path");
        return answer;
    }

    /** Every attribute of every MBean, for whoever has an account on the machine. */
    @SuppressWarnings("BanJNDI") // It connects to a process that it has started.
    private String jmx() throws Exception {
        VirtualMachine machine = VirtualMachine.attach(String.valueOf(app.pid()));
        String address = machine.startLocalManagementAgent();
        machine.detach();
        StringBuilder all = new StringBuilder();
        try (JMXConnector connector = JMXConnectorFactory.connect(new JMXServiceURL(address))) {
            MBeanServerConnection beans = connector.getMBeanServerConnection();
            for (ObjectName bean : beans.queryNames(null, null)) {
                all.append(bean).append('\n');
                for (MBeanAttributeInfo attribute : beans.getMBeanInfo(bean).getAttributes()) {
                    all.append(attribute.getName()).append('=');
                    all.append(attribute(beans, bean, attribute)).append('\n');
                }
            }
        }
        assertThat(all).contains("com.zaxxer.hikari").contains("EndpointUri=blobs:");
        return all.toString();
    }

    private static String attribute(
            MBeanServerConnection beans, ObjectName bean, MBeanAttributeInfo attribute) {
        try {
            Object value = beans.getAttribute(bean, attribute.getName());
            return value instanceof Object[] several
                    ? Arrays.deepToString(several)
                    : String.valueOf(value);
        } catch (Exception e) {
            // Many may not be asked for; what they say then is shown too.
            return e.toString();
        }
    }

    @Override
    public void close() {
        app.close();
    }
}
