package org.citusingest.faults;

import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * A TCP proxy in front of one PostgreSQL server that knows where messages of the protocol begin,
 * and makes the faults of a network: {@code
 * proxy.on(Message.commit()).nth(2).then(Action.dropAnswer())}. Connections are not encrypted; a
 * client that asks for it is told so.
 */
public final class FaultProxy implements AutoCloseable {
    private final String host;
    private final int targetPort;
    private final Listener listener;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final Rules<Message, Action> rules = new Rules<>();
    private final AtomicInteger accepted = new AtomicInteger();
    private volatile boolean stalled;
    private volatile Duration delay = Duration.ZERO;
    private volatile long bytesPerSecond;

    private FaultProxy(String host, int targetPort) {
        this.host = host;
        this.targetPort = targetPort;
        this.listener = new Listener(this::accept);
    }

    /** A proxy on a free port of 127.0.0.1. */
    public static FaultProxy before(String host, int port) {
        return new FaultProxy(host, port);
    }

    private void accept(Socket client) {
        try {
            Socket server = new Socket(host, targetPort);
            server.setTcpNoDelay(true);
            Link link = new Link(this, client, server);
            links.add(link);
            accepted.incrementAndGet();
            if (stalled) {
                link.flow().stall();
            }
            link.start();
            if (!listener.isOpen()) {
                link.end(Ending.CUT);
            }
        } catch (IOException e) {
            Ending.RESET.close(client);
        }
    }

    /** The port to connect to. */
    public int port() {
        return listener.port();
    }

    /** A JDBC URL of the server, through this proxy. */
    public String through(String url) {
        return url.replaceFirst("//[^/]+/", "//127.0.0.1:" + port() + "/");
    }

    /** Begins a rule about messages of clients and the answers to them. */
    public When<Message, Action> on(Predicate<? super Message> message) {
        return rules.on(message);
    }

    /** Ends all open connections, and says how many there were. New ones are accepted. */
    public int cutAll() {
        return endAll(Ending.CUT);
    }

    /** Resets all open connections, and says how many there were. New ones are accepted. */
    public int resetAll() {
        return endAll(Ending.RESET);
    }

    private int endAll(Ending how) {
        List<Link> open = List.copyOf(links);
        open.forEach(link -> link.end(how));
        return open.size();
    }

    /** Lets nothing pass any more, also on new connections; all stay open. */
    public void stall() {
        stalled = true;
        links.forEach(link -> link.flow().stall());
    }

    /** Ends {@link #stall()}, and lets go what rules have stalled or held. */
    public void resume() {
        stalled = false;
        links.forEach(link -> link.flow().resume());
    }

    /** Makes everything late by so much, each way. */
    public void delay(Duration each) {
        delay = each;
    }

    /** Lets so many bytes a second pass on each connection, each way; 0 is without a limit. */
    public void limit(long bytesEachSecond) {
        bytesPerSecond = bytesEachSecond;
    }

    /** Ends all connections and refuses new ones, as a server that is down. */
    public void down() {
        listener.close();
        cutAll();
    }

    /** Ends {@link #down()}. */
    public void up() {
        listener.reopen();
    }

    /** Forgets all rules, and whatever else is wrong with this network. */
    public void heal() {
        rules.clear();
        delay = Duration.ZERO;
        bytesPerSecond = 0;
        up();
        resume();
    }

    /** How many connections are open. */
    public int connections() {
        return links.size();
    }

    /** How many connections there have been. */
    public int accepted() {
        return accepted.get();
    }

    Optional<Rule<Message, Action>> meet(Message message) {
        return rules.meet(message);
    }

    Duration delay() {
        return delay;
    }

    long bytesPerSecond() {
        return bytesPerSecond;
    }

    void ended(Link link) {
        links.remove(link);
    }

    @Override
    public void close() {
        down();
    }
}
