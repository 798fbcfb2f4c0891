package org.citusingest.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.main.Main;
import org.citusingest.ledger.LedgerException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The webhook as HTTP shows it; what comes after it is a route of the test. */
class WebhookTest {
    private static final String SECRET = "a secret of the test";
    private static final String EVENTS = "[{\"id\":\"1\"}]";
    private static final String VALIDATION =
            """
            [{"id":"1","topic":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/%s","subject":"",
              "eventType":"Microsoft.EventGrid.SubscriptionValidationEvent","eventTime":"2026-11-25T00:00:00Z","dataVersion":"2",
              "data":{"validationCode":"%s","validationUrl":"http://127.0.0.1:1/never"}}]
            """;

    private static final String TENANT = "11111111-2222-3333-4444-555555555555";
    private static final String AUDIENCE = "api://citus-ingest";

    private final HttpClient client = HttpClient.newHttpClient();
    private final List<byte[]> registered = new CopyOnWriteArrayList<>();
    private final List<Object> headers = new CopyOnWriteArrayList<>();
    private RuntimeException failure;
    private Main main;
    private int port;

    private void serve(Sender sender, int perSecond) throws Exception {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        main = new Main();
        main.addInitialProperty("camel.server.enabled", "true");
        main.addInitialProperty("camel.server.host", "127.0.0.1");
        main.addInitialProperty("camel.server.port", String.valueOf(port));
        main.bind("webhook", new Webhook(sender, "shop", perSecond, "direct:register"));
        main.configure()
                .addRoutesBuilder(
                        new RouteBuilder() {
                            @Override
                            public void configure() {
                                from("platform-http:/events/blob").process("webhook");
                                from("direct:register").process(WebhookTest.this::register);
                            }
                        });
        main.start();
    }

    private void register(Exchange exchange) {
        if (failure != null) {
            throw failure;
        }
        registered.add(exchange.getIn().getBody(byte[].class));
        headers.addAll(exchange.getIn().getHeaders().keySet());
    }

    @BeforeEach
    void serveWithSecret() throws Exception {
        serve(new SharedSecret(SECRET), 1000);
    }

    @AfterEach
    void stop() {
        main.stop();
    }

    private HttpRequest.Builder request() {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/events/blob"))
                .header("Content-Type", "application/json");
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String secret, String body) throws Exception {
        return send(
                request().header(SharedSecret.HEADER, secret).POST(BodyPublishers.ofString(body)));
    }

    @Test
    void registers_the_events_of_whoever_knows_the_secret() throws Exception {
        HttpResponse<String> answer = post(SECRET, EVENTS);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEmpty();
        assertThat(registered).containsExactly(EVENTS.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void hands_on_no_header_and_answers_with_none_of_the_request() throws Exception {
        HttpResponse<String> answer =
                send(
                        request()
                                .header(SharedSecret.HEADER, SECRET)
                                .header("CamelAzureStorageBlobContainerName", "other")
                                .header("cAmElHttpResponseCode", "418")
                                .header("X-Of-The-Request", "x")
                                .POST(BodyPublishers.ofString(EVENTS)));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(headers).isEmpty();
        assertThat(answer.headers().map().keySet())
                .isSubsetOf(":status", "content-length", "cache-control", "transfer-encoding");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "another secret", "a secret of the tes", "a secret of the test2"})
    void refuses_another_secret_and_says_nothing(String secret) throws Exception {
        HttpResponse<String> answer = post(secret, EVENTS);

        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.body()).isEmpty();
        assertThat(registered).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "PUT", "DELETE", "PATCH", "OPTIONS"})
    void refuses_other_methods_whatever_they_bring(String method) throws Exception {
        HttpResponse<String> answer =
                send(
                        request()
                                .header(SharedSecret.HEADER, SECRET)
                                .method(method, BodyPublishers.ofString(EVENTS)));

        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(registered).isEmpty();
    }

    @Test
    void refuses_a_form_whatever_headers_its_fields_become() throws Exception {
        assertThat(
                        send(HttpRequest.newBuilder(
                                                URI.create(
                                                        "http://127.0.0.1:"
                                                                + port
                                                                + "/events/blob?X-Webhook-Secret=x"))
                                        .header("Content-Type", "application/x-www-form-urlencoded")
                                        .POST(
                                                BodyPublishers.ofString(
                                                        "a%0d%0ab=c&CamelHttpResponseCode=200")))
                                .statusCode())
                .isEqualTo(401);
        assertThat(registered).isEmpty();
    }

    @Test
    void answers_the_handshake_of_the_event_grid_schema_for_its_own_account_only()
            throws Exception {
        HttpResponse<String> ours =
                send(
                        request()
                                .header("aeg-event-type", "SubscriptionValidation")
                                .POST(
                                        BodyPublishers.ofString(
                                                VALIDATION.formatted("shop", "ABC-123"))));
        assertThat(ours.statusCode()).isEqualTo(200);
        assertThat(ours.body()).isEqualTo("{\"validationResponse\":\"ABC-123\"}");
        assertThat(ours.headers().firstValue("content-type")).hasValue("application/json");

        for (String other :
                List.of(
                        VALIDATION.formatted("other", "ABC-123"),
                        VALIDATION.formatted("shop", "<script>"),
                        VALIDATION.formatted("shop", ""))) {
            assertThat(send(request().POST(BodyPublishers.ofString(other))).statusCode())
                    .isEqualTo(401);
        }
        assertThat(registered).isEmpty();
    }

    @Test
    void answers_the_handshake_of_cloud_events_for_event_grid_only() throws Exception {
        HttpResponse<String> answer =
                send(
                        request()
                                .header("WebHook-Request-Origin", "eventgrid.azure.net")
                                .header("WebHook-Request-Callback", "http://127.0.0.1:1/never")
                                .method("OPTIONS", BodyPublishers.noBody()));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("WebHook-Allowed-Origin"))
                .hasValue("eventgrid.azure.net");
        assertThat(answer.headers().firstValue("WebHook-Allowed-Rate")).hasValue("60000");

        assertThat(
                        send(request()
                                        .header("WebHook-Request-Origin", "evil.example")
                                        .method("OPTIONS", BodyPublishers.noBody()))
                                .statusCode())
                .isEqualTo(401);
    }

    @Test
    void an_event_that_can_never_be_taken_is_refused_for_good() throws Exception {
        failure = new BlobEventException("it is of another account");
        assertThat(post(SECRET, EVENTS).statusCode()).isEqualTo(400);
        failure = null;
        assertThat(post(SECRET, "no json").statusCode()).isEqualTo(400);
        assertThat(post(SECRET, "[".repeat(1000)).statusCode()).isEqualTo(400);
    }

    @Test
    void whatever_may_pass_is_to_come_again() throws Exception {
        for (RuntimeException passing :
                List.of(new LedgerException("down", null), new IllegalStateException("a bug"))) {
            failure = passing;
            HttpResponse<String> answer = post(SECRET, EVENTS);
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.headers().firstValue("Retry-After")).hasValue("30");
            assertThat(answer.body()).isEmpty();
        }
    }

    @Test
    void a_body_that_is_too_large_is_refused() throws Exception {
        assertThat(post(SECRET, "[\"" + "x".repeat(3 << 20) + "\"]").statusCode()).isEqualTo(413);
    }

    @Test
    void more_than_so_many_in_a_second_are_to_come_again() throws Exception {
        main.stop();
        serve(new SharedSecret(SECRET), 3);

        List<Integer> answers = new CopyOnWriteArrayList<>();
        for (int i = 0; i < 30; i++) {
            answers.add(post(SECRET, EVENTS).statusCode());
        }

        assertThat(answers).startsWith(200, 200, 200).contains(429).containsOnly(200, 429);
    }

    @Test
    void tokens_are_verified_by_signature_issuer_audience_dates_and_application() throws Exception {
        main.stop();
        RSAKey key = new RSAKeyGenerator(2048).keyID("k").generate();
        RSAKey foreign = new RSAKeyGenerator(2048).keyID("k").generate();
        HttpServer authority =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        authority.createContext(
                "/" + TENANT + "/discovery/v2.0/keys",
                http -> {
                    byte[] keys =
                            new JWKSet(key.toPublicJWK())
                                    .toString()
                                    .getBytes(StandardCharsets.UTF_8);
                    http.sendResponseHeaders(200, keys.length);
                    http.getResponseBody().write(keys);
                    http.close();
                });
        String base = "http://127.0.0.1:" + authority.getAddress().getPort();
        serve(new EntraToken(base, TENANT, AUDIENCE, EntraToken.EVENT_GRID), 1000);
        JWTClaimsSet good =
                new JWTClaimsSet.Builder()
                        .issuer("https://sts.windows.net/" + TENANT + "/")
                        .audience(AUDIENCE)
                        .expirationTime(Date.from(Instant.now().plusSeconds(600)))
                        .claim("appid", EntraToken.EVENT_GRID)
                        .build();

        // Nobody knows the keys yet: that may change, so the event is to come again.
        assertThat(bearer(signed(good, key))).isEqualTo(503);
        authority.start();
        try {
            assertThat(bearer(signed(good, key))).isEqualTo(200);
            assertThat(
                            bearer(
                                    signed(
                                            new JWTClaimsSet.Builder(good)
                                                    .issuer(base + "/" + TENANT + "/v2.0")
                                                    .claim("appid", null)
                                                    .claim("azp", EntraToken.EVENT_GRID)
                                                    .build(),
                                            key)))
                    .isEqualTo(200);
            int taken = registered.size();
            assertThat(bearer(signed(good, foreign))).isEqualTo(401);
            assertThat(bearer(new PlainJWT(good).serialize())).isEqualTo(401);
            assertThat(bearer("x.y.z")).isEqualTo(401);
            assertThat(bearer(signedByPublicKey(good, key))).isEqualTo(401);
            // It may be new, and known when the keys are asked for the next time: it comes again.
            JWSHeader unknown = new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("other").build();
            assertThat(bearer(signed(good, key, unknown))).isIn(401, 503);
            for (JWSHeader header :
                    List.of(
                            new JWSHeader.Builder(JWSAlgorithm.RS512).keyID("k").build(),
                            new JWSHeader.Builder(JWSAlgorithm.PS256).keyID("k").build())) {
                assertThat(bearer(signed(good, key, header))).as(header.toString()).isEqualTo(401);
            }
            // A key that the token brings itself, or says where it is.
            for (JWSHeader header :
                    List.of(
                            new JWSHeader.Builder(JWSAlgorithm.RS256)
                                    .keyID("k")
                                    .jwk(foreign.toPublicJWK())
                                    .build(),
                            new JWSHeader.Builder(JWSAlgorithm.RS256)
                                    .keyID("k")
                                    .jwkURL(URI.create("http://127.0.0.1:1/keys"))
                                    .build())) {
                assertThat(bearer(signed(good, foreign, header)))
                        .as(header.toString())
                        .isEqualTo(401);
            }
            for (JWTClaimsSet bad :
                    List.of(
                            new JWTClaimsSet.Builder(good).issuer("https://evil/").build(),
                            new JWTClaimsSet.Builder(good).issuer(null).build(),
                            new JWTClaimsSet.Builder(good).audience("api://other").build(),
                            new JWTClaimsSet.Builder(good).audience((String) null).build(),
                            new JWTClaimsSet.Builder(good).claim("appid", "other").build(),
                            new JWTClaimsSet.Builder(good).claim("appid", null).build(),
                            new JWTClaimsSet.Builder(good).expirationTime(null).build(),
                            new JWTClaimsSet.Builder(good)
                                    .expirationTime(Date.from(Instant.now().minusSeconds(600)))
                                    .build(),
                            new JWTClaimsSet.Builder(good)
                                    .notBeforeTime(Date.from(Instant.now().plusSeconds(600)))
                                    .build())) {
                assertThat(bearer(signed(bad, key))).as(bad.toString()).isEqualTo(401);
            }
            assertThat(post(SECRET, EVENTS).statusCode()).isEqualTo(401);
            assertThat(registered).hasSize(taken);
        } finally {
            authority.stop(0);
        }
    }

    private static String signed(JWTClaimsSet claims, RSAKey key) throws Exception {
        return signed(claims, key, new JWSHeader.Builder(JWSAlgorithm.RS256).keyID("k").build());
    }

    private static String signed(JWTClaimsSet claims, RSAKey key, JWSHeader header)
            throws Exception {
        SignedJWT token = new SignedJWT(header, claims);
        token.sign(new RSASSASigner(key));
        return token.serialize();
    }

    /** By a secret that everybody has, for whoever takes any key with any algorithm. */
    private static String signedByPublicKey(JWTClaimsSet claims, RSAKey key) throws Exception {
        SignedJWT token =
                new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.HS256).keyID("k").build(), claims);
        token.sign(new MACSigner(key.toRSAPublicKey().getEncoded()));
        return token.serialize();
    }

    private int bearer(String token) throws Exception {
        return send(request()
                        .header("Authorization", "Bearer " + token)
                        .POST(BodyPublishers.ofString(EVENTS)))
                .statusCode();
    }

    @Test
    void a_route_of_it_can_be_built_where_nothing_is_served() throws Exception {
        CamelContext context = new org.apache.camel.impl.DefaultCamelContext();
        context.getRegistry()
                .bind("webhook", new Webhook(new SharedSecret(SECRET), "shop", 1, "direct:r"));
        context.setAutoStartup(false);
        context.addRoutes(
                new RouteBuilder() {
                    @Override
                    public void configure() {
                        from("platform-http:/events/blob").process("webhook");
                    }
                });
        context.start();
        assertThat(context.getRoutes()).hasSize(1);
        context.stop();
    }
}
