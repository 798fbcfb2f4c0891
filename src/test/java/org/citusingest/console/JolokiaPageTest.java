package org.citusingest.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a program may ask that collects, once it has logged in. */
class JolokiaPageTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static JolokiaPage page;
    private static HttpServer server;

    @BeforeAll
    static void start() throws IOException {
        page = new JolokiaPage("/observe/jolokia");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/observe/jolokia", page);
        server.start();
    }

    @AfterAll
    static void stop() {
        server.stop(0);
        page.close();
    }

    private static HttpRequest.Builder request(String below) {
        return HttpRequest.newBuilder(
                        URI.create(
                                "http://127.0.0.1:%d/observe/jolokia%s"
                                        .formatted(server.getAddress().getPort(), below)))
                .timeout(Duration.ofSeconds(20));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> post(String json) throws Exception {
        return send(request("").POST(HttpRequest.BodyPublishers.ofString(json.replace('\'', '"'))));
    }

    @Test
    void reads_by_get_and_by_post() throws Exception {
        assertThat(send(request("/read/java.lang:type=Memory/HeapMemoryUsage")).body())
                .contains("\"used\":")
                .contains("\"status\":200");
        assertThat(
                        post("[{'type':'read','mbean':'java.lang:type=Memory','attribute':'HeapMemoryUsage'},{'type':'version'}]")
                                .body())
                .contains("\"used\":")
                .contains("\"agent\"");
        assertThat(send(request("")).body()).contains("\"agent\":\"2.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type':'exec','mbean':'java.lang:type=Memory','operation':'gc'}",
                "{'type':'exec','mbean':'org.apache.camel:type=context,name=\\\"x\\\",context=x','operation':'dumpRoutesAsXml()'}",
                "{'type':'exec','mbean':'org.citusingest:type=x','operation':'pause()'}",
                "{'type':'write','mbean':'java.lang:type=Memory','attribute':'Verbose','value':true}",
                "{'type':'read','mbean':'java.lang:type=Runtime','attribute':'SystemProperties'}",
                "{'type':'read','mbean':'com.sun.management:type=HotSpotDiagnostic','attribute':'VMOptions'}",
            })
    void calls_and_writes_nothing_and_tells_no_secret(String question) throws Exception {
        HttpResponse<String> answer = post(question);

        assertThat(answer.body()).contains("\"status\":403").doesNotContain("java.version");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/exec/java.lang:type=Memory/gc",
                "/write/java.lang:type=Memory/Verbose/true",
                "/read/java.lang:type=Runtime/SystemProperties",
            })
    void neither_does_it_by_a_path(String below) throws Exception {
        assertThat(send(request(below)).body()).contains("\"status\":403");
    }

    @ParameterizedTest
    @CsvSource({"Origin,http://evil.example", "Origin,null", "Sec-Fetch-Site,cross-site"})
    void answers_no_page_of_a_browser(String name, String value) throws Exception {
        HttpResponse<String> answer = send(request("").header(name, value));

        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).isEmpty();
    }

    @Test
    void what_is_no_question_gets_no_answer() throws Exception {
        assertThat(post("{").statusCode()).isEqualTo(400);
        assertThat(post("").statusCode()).isEqualTo(400);
        HttpResponse<String> tooLarge = post("[" + " ".repeat(1 << 17) + "]");
        assertThat(tooLarge.statusCode()).isEqualTo(413);
        // The rest of it was not read, so the next request must not come behind it.
        assertThat(tooLarge.headers().firstValue("Connection")).contains("close");
        assertThat(
                        send(request("").method("PUT", HttpRequest.BodyPublishers.noBody()))
                                .statusCode())
                .isEqualTo(405);
        HttpResponse<String> unknown = send(request("/nothing/at/all"));
        assertThat(unknown.body()).doesNotContain("\tat ").doesNotContain("stacktrace\"");
    }
}
