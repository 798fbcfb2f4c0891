package org.citusingest.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.management.ObjectName;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The console from outside: what it gives to whom, whatever is asked and however. */
class ConsoleTest {
    private static final String PASSWORD = "a long password";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static Console console;
    private static URI address;
    private static DefaultCamelContext camel;
    private static Pipeline pipeline;
    private static String session;

    /** An MBean as those of the application. */
    public static final class Pipeline implements PipelineMBean {
        private final List<String> calls = new ArrayList<>();
        private String note = "as it was";

        @Override
        public String getNote() {
            return note;
        }

        @Override
        public void setNote(String text) {
            note = text;
        }

        @Override
        public void pause() {
            calls.add("pause");
        }

        @Override
        public void forget() {
            calls.add("forget");
        }
    }

    /** What JMX sees of it. */
    public interface PipelineMBean {
        String getNote();

        void setNote(String text);

        void pause();

        void forget();
    }

    @BeforeAll
    static void start() throws Exception {
        ConsoleSettings settings =
                new ConsoleSettings(InetAddress.getLoopbackAddress(), 0, "hawtio", PASSWORD, true);
        console = Console.start(settings, Path.of("."));
        address = URI.create(console.login().address());
        pipeline = new Pipeline();
        ManagementFactory.getPlatformMBeanServer()
                .registerMBean(pipeline, new ObjectName("org.citusingest:type=Pipeline,name=test"));
        camel = new DefaultCamelContext();
        camel.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("direct:in").routeId("console-test").to("log:out");
                    }
                });
        camel.start();
        session = logIn();
    }

    @AfterAll
    static void stop() throws Exception {
        console.close();
        camel.stop();
        ManagementFactory.getPlatformMBeanServer()
                .unregisterMBean(new ObjectName("org.citusingest:type=Pipeline,name=test"));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(address.resolve(path));
    }

    private static HttpResponse<String> attempt(String user, String password) {
        String body =
                JSON.createObjectNode().put("username", user).put("password", password).toString();
        return send(
                request("auth/login")
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private static String cookie(HttpResponse<String> response) {
        return response.headers().firstValue("Set-Cookie").orElseThrow();
    }

    /** Name and value of the cookie. */
    private static String session(HttpResponse<String> response) {
        String cookie = cookie(response);
        return cookie.substring(0, cookie.indexOf(';'));
    }

    private static String logIn() {
        return session(attempt("hawtio", PASSWORD));
    }

    /** What is said by bytes that no client library would send. */
    private static String raw(String request) throws IOException {
        try (Socket socket = new Socket(address.getHost(), address.getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        } catch (SocketTimeoutException e) {
            throw new AssertionError("No end of the answer to " + request, e);
        }
    }

    private static String raw(String method, String target, String... headers) throws IOException {
        return raw(
                "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\nContent-Length: 0\r\n%s\r\n"
                        .formatted(
                                method,
                                target,
                                address.getPort(),
                                Stream.of(headers)
                                        .map(header -> header + "\r\n")
                                        .reduce("", String::concat)));
    }

    private static int status(String response) {
        return Integer.parseInt(response.split(" ", 3)[1]);
    }

    private static String body(String response) {
        return response.substring(response.indexOf("\r\n\r\n") + 4);
    }

    /** An answer of Jolokia to whoever is logged in. */
    private static JsonNode ask(String json) {
        HttpResponse<String> response =
                send(
                        request("jolokia")
                                .header("Cookie", session)
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(json)));
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        try {
            return JSON.readTree(response.body());
        } catch (IOException e) {
            throw new AssertionError(response.body(), e);
        }
    }

    /** All that Hawtio's war serves, and what else might be asked for. */
    private static final List<String> PATHS =
            List.of(
                    "/",
                    "/hawtio",
                    "/hawtio/",
                    "/hawtio/index.html",
                    "/hawtio/login",
                    "/hawtio/user",
                    "/hawtio/user/",
                    "/hawtio/auth/login",
                    "/hawtio/auth/logout",
                    "/hawtio/auth/config",
                    "/hawtio/auth/config/session-timeout?t=1",
                    "/hawtio/keycloak/enabled",
                    "/hawtio/keycloak/client-config",
                    "/hawtio/plugin",
                    "/hawtio/plugin/",
                    "/hawtio/refresh",
                    "/hawtio/proxy",
                    "/hawtio/proxy/enabled",
                    "/hawtio/proxy/http/127.0.0.1/80/",
                    "/hawtio/jolokia",
                    "/hawtio/jolokia/",
                    "/hawtio/jolokia/version",
                    "/hawtio/jolokia/list",
                    "/hawtio/jolokia?p=/list",
                    "/hawtio/jolokia/read/java.lang:type=Memory",
                    "/hawtio/jolokia/exec/java.lang:type=Memory/gc",
                    "/hawtio/jolokia/exec/org.citusingest:type=Pipeline,name=test/pause",
                    "/hawtio/camel",
                    "/hawtio/camel/routes",
                    "/hawtio/jmx",
                    "/hawtio/help",
                    "/hawtio/preferences",
                    "/hawtio/runtime",
                    "/hawtio/logs",
                    "/hawtio/connect/remote",
                    "/hawtio/hawtconfig.json",
                    "/hawtio/favicon.ico",
                    "/hawtio/robots.txt",
                    "/hawtio/img/hawtio-logo.svg",
                    "/hawtio/img",
                    "/hawtio/img/",
                    "/hawtio/static/",
                    "/hawtio/static/js/",
                    "/hawtio/editor.worker.js",
                    "/hawtio/WEB-INF/web.xml",
                    "/hawtio/META-INF/MANIFEST.MF",
                    "/jolokia",
                    "/jolokia/list",
                    "/actuator",
                    "/observe/jolokia",
                    "/observe/metrics",
                    "/q/dev",
                    "/metrics",
                    "/etc/passwd",
                    "/hawtio/static/js/../../user");

    private static final List<String> METHODS =
            List.of(
                    "GET",
                    "HEAD",
                    "POST",
                    "PUT",
                    "PATCH",
                    "DELETE",
                    "OPTIONS",
                    "TRACE",
                    "CONNECT",
                    "PROPFIND",
                    "DEBUG",
                    "get");

    /** Ways to write a path of the console that a check might read and a servlet might not. */
    private static Stream<String> tricks() {
        return Stream.of(
                "/hawtio//jolokia/list",
                "//hawtio/jolokia/list",
                "/hawtio/./jolokia/list",
                "/hawtio/login/../jolokia/list",
                "/hawtio/static/js/..;/..;/jolokia/list",
                "/hawtio/img/..%2fjolokia/list",
                "/hawtio/img/%2e%2e/jolokia/list",
                "/hawtio/img/%252e%252e/jolokia/list",
                "/hawtio/;/jolokia/list",
                "/hawtio;a=b/jolokia/list",
                "/hawtio/jolokia;.ico",
                "/hawtio/jolokia;/favicon.ico",
                "/hawtio/jolokia/favicon.ico",
                "/hawtio/%6aolokia/list",
                "/hawtio/jolokia%2flist",
                "/hawtio/jolokia%00.ico",
                "/hawtio/JOLOKIA/list",
                "/HAWTIO/jolokia/list",
                "/hawtio/Jolokia",
                "/hawtio/jolokia\\list",
                "/hawtio\\jolokia\\list",
                "/hawtio/jolokia/.",
                "/hawtio/jolokia/..",
                "/hawtio/jolokia/list?/login",
                "/hawtio/jolokia/list#/login",
                "/hawtio/login%2f..%2fjolokia",
                "/hawtio/login/..%5cjolokia",
                "/../hawtio/jolokia/list",
                "/hawtio/camel/../../hawtio/jolokia",
                "/hawtio/camel/%2e%2e/jolokia",
                "/hawtio/static/js/%2e%2e%2f%2e%2e%2f%2e%2e%2fpom.xml",
                "/hawtio/../../../../etc/passwd",
                "/hawtio/static/js/..%c0%af..%c0%afjolokia",
                "/hawtio/jolokia/%u002e",
                "/hawtio/\tjolokia",
                "http://127.0.0.1/hawtio/jolokia/list",
                "http://evil.example/hawtio/jolokia/list",
                "http://user@127.0.0.1/hawtio/user");
    }

    /** Nothing but the page of the login, which is the same for everybody, comes with a body. */
    private static boolean isPublic(String response) {
        String body = body(response);
        return body.isEmpty()
                || body.contains("<div id=\"root\"></div>")
                || body.startsWith("<svg")
                || body.contains("\"appName\"")
                || response.contains("Content-Type: image/")
                || response.contains("Content-Type: text/javascript");
    }

    @Test
    void gives_nothing_to_whoever_is_not_logged_in_by_any_path_and_method() throws IOException {
        List<String> calls = List.copyOf(pipeline.calls);
        Map<String, Integer> statuses = new TreeMap<>();
        for (String path : PATHS) {
            for (String method : METHODS) {
                String response = raw(method, path);
                String asked = method + " " + path;
                statuses.put(asked, status(response));
                assertThat(status(response))
                        .as(asked)
                        .isIn(200, 302, 303, 400, 401, 403, 404, 405, 415, 421, 501);
                assertThat(isPublic(response)).as(asked + "\n" + response).isTrue();
                assertThat(response).as(asked).doesNotContain("Set-Cookie").doesNotContain("Jetty");
                assertThat(response).as(asked).doesNotContain("Access-Control-Allow");
            }
        }
        assertThat(pipeline.calls).isEqualTo(calls);
        assertThat(status(raw("OPTIONS", "*"))).isEqualTo(405);
        assertThat(statuses)
                .containsEntry("GET /hawtio/", 200)
                .containsEntry("GET /hawtio/login", 200)
                .containsEntry("GET /hawtio/user", 401)
                .containsEntry("POST /hawtio/jolokia", 401)
                .containsEntry("GET /hawtio/jolokia", 401)
                .containsEntry("OPTIONS /hawtio/jolokia", 405)
                .containsEntry("POST /hawtio/proxy/http/127.0.0.1/80/", 401)
                .containsEntry("GET /hawtio/WEB-INF/web.xml", 401)
                .containsEntry("GET /jolokia/list", 404);
    }

    @ParameterizedTest
    @MethodSource("tricks")
    void gives_nothing_for_a_path_that_is_written_in_another_way(String path) throws IOException {
        for (String method : List.of("GET", "POST")) {
            for (String header :
                    List.of(
                            "X-Nothing: 1",
                            "Authorization: Basic aGF3dGlvOg==",
                            "X-Original-URL: /hawtio/login",
                            "X-Forwarded-For: 127.0.0.1")) {
                String response = raw(method, path, header);

                assertThat(status(response)).as(response).isIn(400, 401, 403, 404, 405, 421);
                assertThat(body(response)).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("tricks")
    void gives_nothing_by_such_a_path_to_whoever_is_logged_in_either(String path)
            throws IOException {
        String response = raw("GET", path, "Cookie: " + session);

        assertThat(body(response)).as(response).doesNotContain("java.lang").doesNotContain("root:");
    }

    @Test
    void serves_its_own_pages_with_strict_headers() {
        HttpResponse<String> page = send(request(""));

        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Security-Policy").orElseThrow())
                .startsWith("default-src 'self';")
                .contains("frame-ancestors 'none'")
                .doesNotContain("http");
        assertThat(page.headers().map())
                .containsEntry("X-Frame-Options", List.of("DENY"))
                .containsEntry("X-Content-Type-Options", List.of("nosniff"))
                .containsEntry("Cache-Control", List.of("no-store"))
                .doesNotContainKey("Server");
    }

    @Test
    void begins_a_new_session_at_each_login_which_no_script_and_no_other_site_can_use()
            throws IOException {
        HttpResponse<String> login = attempt("hawtio", PASSWORD);

        assertThat(login.statusCode()).isEqualTo(200);
        assertThat(cookie(login)).contains("HttpOnly").contains("SameSite=Strict");
        String first = session(login);
        assertThat(body(raw("GET", "/hawtio/user", "Cookie: " + first))).isEqualTo("\"hawtio\"");

        assertThat(status(raw("GET", "/hawtio/auth/logout", "Cookie: " + first))).isEqualTo(302);
        assertThat(status(raw("GET", "/hawtio/user", "Cookie: " + first))).isEqualTo(401);
        assertThat(status(raw("POST", "/hawtio/jolokia", "Cookie: " + first))).isEqualTo(401);
    }

    @Test
    void takes_no_session_that_it_has_not_begun() throws IOException {
        String fixed = "citus-ingest-console=node0abc";
        HttpResponse<String> login =
                send(
                        request("auth/login")
                                .header("Content-Type", "application/json")
                                .header("Cookie", fixed)
                                .POST(
                                        HttpRequest.BodyPublishers.ofString(
                                                "{\"username\":\"hawtio\",\"password\":\"%s\"}"
                                                        .formatted(PASSWORD))));

        assertThat(login.statusCode()).isEqualTo(200);
        assertThat(cookie(login)).doesNotContain("node0abc");
        assertThat(status(raw("GET", "/hawtio/user", "Cookie: " + fixed))).isEqualTo(401);
        assertThat(
                        status(
                                raw(
                                        "GET",
                                        "/hawtio/user;citus-ingest-console="
                                                + session.substring(session.indexOf('=') + 1))))
                .isEqualTo(404);
    }

    @Test
    void refuses_a_wrong_password_and_what_is_no_login() throws Exception {
        HttpResponse<String> wrong = attempt("hawtio", "another password");
        assertThat(wrong.statusCode()).isEqualTo(401);
        assertThat(wrong.body()).isEmpty();
        assertThat(wrong.headers().firstValue("Set-Cookie")).isEmpty();
        for (String body : List.of("", "{", "[]", "null", "{\"username\":{}}", "1".repeat(100))) {
            HttpResponse<String> response =
                    send(
                            request("auth/login")
                                    .header("Content-Type", "application/json")
                                    .POST(HttpRequest.BodyPublishers.ofString(body)));
            assertThat(response.statusCode()).as(body).isIn(400, 401, 429);
            assertThat(response.body()).isEmpty();
            // One that is right makes the wrong ones forgotten, as soon as it is looked at.
            await().until(() -> attempt("hawtio", PASSWORD).statusCode() == 200);
        }
        HttpResponse<String> form =
                send(
                        request("auth/login")
                                .header("Content-Type", "text/plain")
                                .POST(
                                        HttpRequest.BodyPublishers.ofString(
                                                "{\"username\":\"hawtio\",\"password\":\"%s\"}"
                                                        .formatted(PASSWORD))));
        assertThat(form.statusCode()).isEqualTo(415);
    }

    @Test
    void reads_no_more_than_a_request_may_have() {
        HttpResponse<String> response =
                send(
                        request("auth/login")
                                .header("Content-Type", "application/json")
                                .POST(
                                        HttpRequest.BodyPublishers.ofString(
                                                "{\"username\":\"" + "x".repeat(2 << 20) + "\"}")));

        assertThat(response.statusCode()).isEqualTo(413);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "evil.example:8778",
                "127.0.0.1.evil.example",
                "localhost.",
                "10.0.0.1",
                "[::2]",
                ""
            })
    void answers_to_no_other_name_than_one_of_this_machine(String host) throws IOException {
        String response =
                raw(
                        "GET /hawtio/user HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nConnection: close\r\n\r\n"
                                .formatted(host, session));

        assertThat(status(response)).isIn(400, 421);
        assertThat(body(response)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"localhost", "localhost:9000", "127.0.0.1:1", "[::1]:8778", "LOCALHOST"})
    void answers_to_every_name_of_this_machine_and_any_port_which_a_tunnel_may_have(String host)
            throws IOException {
        String response =
                raw(
                        "GET /hawtio/user HTTP/1.1\r\nHost: %s\r\nCookie: %s\r\nConnection: close\r\n\r\n"
                                .formatted(host, session));

        assertThat(body(response)).isEqualTo("\"hawtio\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "Origin: http://evil.example|403",
                "Origin: null|403",
                "Origin: http://127.0.0.1:1|403",
                "Origin: http://127.0.0.1.evil.example|403",
                "Sec-Fetch-Site: cross-site|403",
                "Sec-Fetch-Site: same-site|403",
                "Sec-Fetch-Site: same-origin|200",
                "Sec-Fetch-Site: none|200",
            })
    void takes_nothing_that_another_site_makes_the_browser_send(String header, int status)
            throws IOException {
        String response = raw("GET", "/hawtio/user", "Cookie: " + session, header);

        assertThat(status(response)).isEqualTo(status);
    }

    @Test
    void takes_what_its_own_page_sends() {
        String origin = "http://" + address.getAuthority();
        HttpResponse<String> response =
                send(
                        request("jolokia")
                                .header("Cookie", session)
                                .header("Origin", origin)
                                .POST(
                                        HttpRequest.BodyPublishers.ofString(
                                                "{\"type\":\"version\"}")));

        assertThat(response.body()).contains("\"agent\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'read','mbean':'org.apache.camel:context=*,type=routes,name=*','attribute':'ExchangesTotal'}",
                "{'type':'read','mbean':'java.lang:type=Memory','attribute':'HeapMemoryUsage'}",
                "{'type':'read','mbean':'org.citusingest:type=Pipeline,name=test','attribute':'Note'}",
                "{'type':'search','mbean':'org.apache.camel:*'}",
                "{'type':'exec','mbean':'org.citusingest:type=Pipeline,name=test','operation':'pause()'}",
            })
    void answers_what_the_console_is_for(String question) {
        assertThat(ask(question.replace('\'', '"')).path("status").asInt()).isEqualTo(200);
    }

    @Test
    void draws_a_route() {
        String route =
                "org.apache.camel:context=%s,type=routes,name=\\\"console-test\\\""
                        .formatted(camel.getManagementName());
        JsonNode stats =
                ask(
                        "{\"type\":\"exec\",\"mbean\":\"%s\",\"operation\":\"dumpRouteStatsAsXml\",\"arguments\":[true,true]}"
                                .formatted(route));
        assertThat(stats.path("value").asText()).contains("id=\"console-test\"");
        JsonNode xml =
                ask(
                        "{\"type\":\"exec\",\"mbean\":\"org.apache.camel:context=%1$s,type=context,name=\\\"%1$s\\\"\",\"operation\":\"dumpRoutesAsXml()\"}"
                                .formatted(camel.getManagementName()));
        assertThat(xml.path("value").asText()).contains("uri=\"direct:in\"");
    }

    private static Stream<String> forbidden() {
        String context = "org.apache.camel:context=CONTEXT,type=context,name=\\\"CONTEXT\\\"";
        return Stream.of(
                "{'type':'read','mbean':'com.sun.management:type=HotSpotDiagnostic','attribute':'DiagnosticOptions'}",
                "{'type':'exec','mbean':'com.sun.management:type=HotSpotDiagnostic','operation':'dumpHeap(java.lang.String,boolean)','arguments':['/tmp/citus-ingest-console-test.hprof',true]}",
                "{'type':'exec','mbean':'com.sun.management:type=DiagnosticCommand','operation':'vmSystemProperties','arguments':[]}",
                "{'type':'exec','mbean':'com.sun.management:type=DiagnosticCommand','operation':'compilerDirectivesAdd','arguments':[['/x']]}",
                "{'type':'exec','mbean':'java.util.logging:type=Logging','operation':'setLoggerLevel','arguments':['x','ALL']}",
                "{'type':'exec','mbean':'java.lang:type=Memory','operation':'gc'}",
                "{'type':'exec','mbean':'java.lang:type=Threading','operation':'dumpAllThreads(boolean,boolean)','arguments':[true,true]}",
                "{'type':'exec','mbean':'JMImplementation:type=MBeanServerDelegate','operation':'x'}",
                "{'type':'read','mbean':'java.lang:type=Runtime','attribute':'SystemProperties'}",
                "{'type':'read','mbean':'java.lang:type=Runtime','attribute':'InputArguments'}",
                "{'type':'read','mbean':'java.lang:type=Runtime','attribute':['InputArguments','SystemProperties']}",
                "{'type':'read','mbean':'java.lang:type=Runtime'}",
                "{'type':'read','mbean':'java.lang:type=*'}",
                "{'type':'read','mbean':'*:type=Runtime','attribute':'SystemProperties'}",
                "{'type':'read','mbean':'*:*'}",
                "{'type':'read','mbean':'java.lang:type=*','attribute':'SystemProperties'}",
                "{'type':'write','mbean':'org.citusingest:type=Pipeline,name=test','attribute':'Note','value':'changed'}",
                "{'type':'write','mbean':'java.lang:type=Memory','attribute':'Verbose','value':true}",
                "{'type':'exec','mbean':'org.citusingest:type=Pipeline,name=test','operation':'forget'}",
                "{'type':'exec','mbean':'org.citusingest:*','operation':'forget'}",
                "{'type':'exec','mbean':'org.citusingest:type=Pipeline,name=test','operation':'setNote','arguments':['changed']}",
                "{'type':'exec','mbean':'" + context + "','operation':'stop'}",
                "{'type':'exec','mbean':'" + context + "','operation':'stop()'}",
                "{'type':'exec','mbean':'"
                        + context
                        + "','operation':'dumpRoutesAsXml(boolean)','arguments':[true]}",
                "{'type':'exec','mbean':'"
                        + context
                        + "','operation':'sendBody(java.lang.String,java.lang.Object)','arguments':['direct:in','x']}",
                "{'type':'exec','mbean':'"
                        + context
                        + "','operation':'requestBody(java.lang.String,java.lang.Object)','arguments':['direct:in','x']}",
                "{'type':'exec','mbean':'"
                        + context
                        + "','operation':'addOrUpdateRoutesFromXml(java.lang.String)','arguments':['<routes/>']}",
                "{'type':'exec','mbean':'org.apache.camel:context=CONTEXT,type=routes,name=\\\"console-test\\\"','operation':'stop()'}",
                "{'type':'exec','mbean':'org.apache.camel:context=CONTEXT,type=routes,name=\\\"console-test\\\"','operation':'remove()'}",
                "{'type':'exec','mbean':'org.apache.camel:context=CONTEXT,type=routes,name=*','operation':'stop()'}",
                "{'type':'exec','mbean':'jolokia:type=Config','operation':'resetHistoryEntries'}",
                "{'type':'read','mbean':'java.lang:type=Memory','target':{'url':'service:jmx:rmi:///jndi/rmi://127.0.0.1:1/jmxrmi'}}",
                "{'type':'notification','command':'add','client':'x','mode':'pull','mbean':'org.citusingest:type=Pipeline,name=test'}");
    }

    @ParameterizedTest
    @MethodSource("forbidden")
    void refuses_whoever_is_logged_in_what_could_read_secrets_or_run_code(String question) {
        JsonNode answer =
                ask(question.replace('\'', '"').replace("CONTEXT", camel.getManagementName()));

        assertThat(answer.path("value").toString())
                .doesNotContain("java.class.path")
                .doesNotContain("-Xmx")
                .doesNotContain("java.version");
        if (!question.contains("'read'") || question.contains("Diagnostic")) {
            assertThat(answer.path("status").asInt())
                    .as(answer.toString())
                    .isIn(400, 403, 404, 500);
        }
        assertThat(answer.has("stacktrace")).isFalse();
        assertThat(pipeline.note).isEqualTo("as it was");
        assertThat(pipeline.calls).doesNotContain("forget");
        assertThat(camel.getRouteController().getRouteStatus("console-test").isStarted()).isTrue();
    }

    @Test
    void lists_only_what_may_be_read_and_says_what_may_be_called() {
        JsonNode list = ask("{\"type\":\"list\"}").path("value");

        assertThat(list.fieldNames())
                .toIterable()
                .isSubsetOf("java.lang", "org.apache.camel", "org.citusingest", "com.zaxxer.hikari")
                .contains("java.lang", "org.apache.camel", "org.citusingest");
        JsonNode operations =
                list.path("org.citusingest").path("name=test,type=Pipeline").path("op");
        assertThat(operations.path("pause").path("canInvoke").asBoolean()).isTrue();
        assertThat(operations.path("forget").path("canInvoke").asBoolean(true)).isFalse();
        assertThat(list.findValues("rw")).isNotEmpty().noneMatch(JsonNode::asBoolean);
    }

    @Test
    void answers_no_question_that_a_link_can_ask() throws IOException {
        for (String path :
                List.of(
                        "/hawtio/jolokia",
                        "/hawtio/jolokia/version",
                        "/hawtio/jolokia?p=/exec/org.citusingest:type=Pipeline,name=test/pause",
                        "/hawtio/jolokia/search/x")) {
            String response = raw("GET", path, "Cookie: " + session);

            assertThat(status(response)).as(path).isEqualTo(403);
            assertThat(body(response)).as(path).isEmpty();
        }
    }

    @Test
    void a_port_in_use_is_one_line(@TempDir Path empty) {
        ConsoleSettings same =
                new ConsoleSettings(
                        InetAddress.getLoopbackAddress(), address.getPort(), "x", PASSWORD, true);

        assertThatThrownBy(() -> Console.start(same, Path.of(".")))
                .hasMessage(
                        "The console cannot listen on 127.0.0.1:%d (Address already in use): choose another port with --hawtio-port"
                                .formatted(address.getPort()));
        assertThatThrownBy(() -> Console.start(same, empty))
                .hasMessageStartingWith("The pages of the console are not in " + empty);
    }
}
