package org.citusingest.console;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serial;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What Hawtio's page asks before it shows anything: who is logged in, and how the page looks. */
final class LoginServlet extends HttpServlet {
    @Serial private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(LoginServlet.class);

    private static final String LOGIN = "/auth/login";
    private static final String LOGOUT = "/auth/logout";
    private static final String USER = "/user";
    private static final String LOOKS = "/hawtconfig.json";

    /** The paths that it answers, to everybody. */
    static final Set<String> PATHS = Set.of(LOGIN, LOGOUT, USER, LOOKS);

    private static final int TOO_MANY_REQUESTS = 429;

    private final transient Account account;
    private final transient ObjectMapper json = new ObjectMapper();

    LoginServlet(Account account) {
        this.account = account;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        switch (request.getServletPath()) {
            case USER -> {
                if (SessionFilter.isLoggedIn(request)) {
                    answer(response, json.writeValueAsBytes(account.user()));
                } else {
                    response.setStatus(HttpServletResponse.SC_UNAUTHORIZED);
                }
            }
            case LOOKS -> {
                try (InputStream looks =
                        LoginServlet.class.getResourceAsStream("hawtconfig.json")) {
                    answer(response, looks.readAllBytes());
                }
            }
            case LOGOUT -> {
                SessionFilter.logOut(request);
                response.sendRedirect(Console.CONTEXT + "/login");
            }
            default -> response.setStatus(HttpServletResponse.SC_METHOD_NOT_ALLOWED);
        }
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        if (!request.getServletPath().equals(LOGIN)) {
            response.setStatus(HttpServletResponse.SC_METHOD_NOT_ALLOWED);
            return;
        }
        // No form of another site can send that.
        if (!"application/json".equals(request.getContentType())) {
            response.setStatus(HttpServletResponse.SC_UNSUPPORTED_MEDIA_TYPE);
            return;
        }
        JsonNode attempt;
        try {
            attempt = json.readTree(request.getInputStream());
        } catch (JacksonException e) {
            response.setStatus(HttpServletResponse.SC_BAD_REQUEST);
            return;
        }
        Account.Outcome outcome =
                account.attempt(
                        attempt.path("username").asText(), attempt.path("password").asText());
        if (outcome instanceof Account.Outcome.Right) {
            SessionFilter.logIn(request, account.user());
            LOG.info("console=login from={}", request.getRemoteAddr());
            answer(response, "{}".getBytes(StandardCharsets.UTF_8));
        } else if (outcome instanceof Account.Outcome.Closed closed) {
            response.setHeader("Retry-After", String.valueOf(closed.seconds()));
            response.setStatus(TOO_MANY_REQUESTS);
        } else {
            LOG.warn(
                    "console=login from={} refused: wrong user or password",
                    request.getRemoteAddr());
            response.setStatus(HttpServletResponse.SC_UNAUTHORIZED);
        }
    }

    private static void answer(HttpServletResponse response, byte[] json) throws IOException {
        response.setContentType("application/json");
        response.getOutputStream().write(json);
    }
}
