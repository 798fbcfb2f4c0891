package org.citusingest.console;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletConfig;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.Serial;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.ee10.servlet.DefaultServlet;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.ee10.servlet.SessionHandler;
import org.eclipse.jetty.http.HttpCookie;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.SizeLimitHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.resource.ResourceFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jolokia.server.core.http.AgentServlet;
import org.jolokia.server.core.service.api.JolokiaServiceManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hawtio, served by this process: its published pages, a Jolokia that answers them within {@link
 * ConsolePolicy}, and a login of our own before that.
 *
 * <p>Hawtio's own server side is not here: it can act as a proxy, and lets requests pass that no
 * console needs.
 */
public final class Console implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Console.class);

    static final String CONTEXT = "/hawtio";

    private static final int THREADS = 12;
    private static final Duration IDLE_SESSION = Duration.ofMinutes(30);
    private static final Duration IDLE_CONNECTION = Duration.ofSeconds(60);
    private static final Duration STOP = Duration.ofSeconds(1);
    private static final long MOST_REQUEST_BYTES = 1 << 20;

    private final Server server;
    private final ConsoleLogin login;

    private Console(Server server, ConsoleLogin login) {
        this.server = server;
        this.login = login;
    }

    /**
     * Starts to listen.
     *
     * @param home the folder of the application, in which the build has put Hawtio's pages
     */
    public static Console start(ConsoleSettings settings, Path home) {
        Path pages = pages(home);
        Server server = new Server(threads());
        server.setErrorHandler(Console::sayNothing);
        ServerConnector connector = connector(server, settings);
        Account account = new Account(settings.user(), settings.password(), Clock.systemUTC());
        SizeLimitHandler limit = new SizeLimitHandler(MOST_REQUEST_BYTES, -1);
        limit.setHandler(context(pages, account));
        server.setHandler(new Gate(settings.host().isLoopbackAddress(), limit));
        server.setStopTimeout(STOP.toMillis());
        try {
            server.start();
        } catch (Exception e) {
            stop(server);
            throw new ConsoleException(
                    "The console cannot listen on %s:%d (%s): choose another port with --hawtio-port"
                            .formatted(
                                    settings.host().getHostAddress(), settings.port(), reason(e)),
                    e);
        }
        return new Console(
                server,
                new ConsoleLogin(
                        "http://%s:%d%s/"
                                .formatted(
                                        hostInUrl(settings.host()),
                                        connector.getLocalPort(),
                                        CONTEXT),
                        settings.user(),
                        settings.ownPassword()
                                ? Optional.empty()
                                : Optional.of(settings.password())));
    }

    /** How to get in. */
    public ConsoleLogin login() {
        return login;
    }

    private static Path pages(Path home) {
        return List.of(home.resolve("console"), home.resolve("target").resolve("console")).stream()
                .map(folder -> folder.toAbsolutePath().normalize())
                .filter(folder -> Files.isRegularFile(folder.resolve("index.html")))
                .findFirst()
                .orElseThrow(
                        () ->
                                new ConsoleException(
                                        "The pages of the console are not in %s: build with 'mvn package'"
                                                .formatted(home.resolve("target/console"))));
    }

    private static QueuedThreadPool threads() {
        QueuedThreadPool threads = new QueuedThreadPool(THREADS, 1);
        threads.setName("console");
        threads.setDaemon(true);
        return threads;
    }

    private static ServerConnector connector(Server server, ConsoleSettings settings) {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendXPoweredBy(false);
        ServerConnector connector =
                new ServerConnector(server, 1, 1, new HttpConnectionFactory(http));
        connector.setHost(settings.host().getHostAddress());
        connector.setPort(settings.port());
        connector.setIdleTimeout(IDLE_CONNECTION.toMillis());
        server.addConnector(connector);
        return connector;
    }

    private static ServletContextHandler context(Path pages, Account account) {
        ServletContextHandler context =
                new ServletContextHandler(CONTEXT, ServletContextHandler.SESSIONS);
        context.setBaseResource(ResourceFactory.of(context).newResource(pages));
        context.setErrorHandler(Console::sayNothing);
        SessionHandler sessions = context.getSessionHandler();
        sessions.setSessionCookie("citus-ingest-console");
        sessions.setUsingUriParameters(false);
        sessions.setHttpOnly(true);
        sessions.setSameSite(HttpCookie.SameSite.STRICT);
        sessions.setMaxInactiveInterval((int) IDLE_SESSION.toSeconds());
        context.addFilter(
                new FilterHolder(new SessionFilter()), "/*", EnumSet.of(DispatcherType.REQUEST));
        ServletHolder login = new ServletHolder(new LoginServlet(account));
        LoginServlet.PATHS.forEach(path -> context.addServlet(login, path));
        context.addServlet(jolokia(), "/jolokia/*");
        ServletHolder files = new ServletHolder("default", DefaultServlet.class);
        files.setInitParameter("dirAllowed", "false");
        context.addServlet(files, "/");
        return context;
    }

    private static ServletHolder jolokia() {
        ServletHolder jolokia = new ServletHolder(new Jolokia(ConsolePolicy.ofPage()));
        jolokia.setInitParameter("mbeanQualifier", "qualifier=console");
        jolokia.setInitParameter("allowErrorDetails", "false");
        jolokia.setInitParameter("includeStackTrace", "false");
        jolokia.setInitParameter("discoveryEnabled", "false");
        jolokia.setInitParameter("disableDetectors", "true");
        return jolokia;
    }

    private static final class Jolokia extends AgentServlet {
        @Serial private static final long serialVersionUID = 1L;

        private final transient ConsolePolicy policy;

        Jolokia(ConsolePolicy policy) {
            super(policy);
            this.policy = policy;
        }

        @Override
        protected void initServices(ServletConfig config, JolokiaServiceManager services) {
            super.initServices(config, services);
            services.addService(new Permissions(policy));
        }

        /** A link can ask for nothing, not even for the version. */
        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) {
            response.setStatus(HttpServletResponse.SC_FORBIDDEN);
        }
    }

    /** The innermost cause, as Jetty tells the address again and not why. */
    private static String reason(Throwable error) {
        Throwable cause = error;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }

    private static String hostInUrl(InetAddress host) {
        String text = host.getHostAddress();
        return host instanceof Inet6Address ? "[" + text + "]" : text;
    }

    /** An error is its status alone: no page, no path, no trace. */
    private static boolean sayNothing(Request request, Response response, Callback callback) {
        callback.succeeded();
        return true;
    }

    private static void stop(Server server) {
        try {
            server.stop();
        } catch (Exception e) {
            LOG.debug("The console did not stop well", e);
        }
    }

    @Override
    public void close() {
        stop(server);
    }
}
