package org.citusingest.faults;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An HTTP proxy in front of the blob service of Azurite, that answers as a service in trouble does:
 * {@code proxy.on(Request.read("a/.*")).nth(2).then(Reply.status(503))}. Requests pass unchanged:
 * their signatures are about the path, not about the host.
 */
public final class StorageProxy implements AutoCloseable {
    private static final Pattern ENDPOINT = Pattern.compile("BlobEndpoint=([^;]*)");

    private final String connectionString;
    private final URI service;
    private final Listener listener;
    private final Set<StorageLink> links = ConcurrentHashMap.newKeySet();
    private final Rules<Request, Reply> rules = new Rules<>();
    private final AtomicInteger requests = new AtomicInteger();
    private volatile boolean stalled;

    private StorageProxy(String connectionString) {
        this.connectionString = connectionString;
        Matcher endpoint = ENDPOINT.matcher(connectionString);
        if (!endpoint.find()) {
            throw new IllegalArgumentException("A connection string without a BlobEndpoint");
        }
        this.service = URI.create(endpoint.group(1));
        this.listener = new Listener(this::accept);
    }

    /** A proxy on a free port of 127.0.0.1. */
    public static StorageProxy before(String connectionString) {
        return new StorageProxy(connectionString);
    }

    private void accept(Socket client) {
        StorageLink link = new StorageLink(this, client);
        links.add(link);
        if (stalled) {
            link.flow().stall();
        }
        link.start();
        if (!listener.isOpen()) {
            link.end(Ending.CUT);
        }
    }

    /** The connection string of the service, through this proxy. */
    public String connectionString() {
        return connectionString.replace(service.getAuthority(), "127.0.0.1:" + listener.port());
    }

    /** Begins a rule about requests. */
    public When<Request, Reply> on(Predicate<? super Request> request) {
        return rules.on(request);
    }

    /** Ends all open connections, and says how many there were. New ones are accepted. */
    public int cutAll() {
        List<StorageLink> open = List.copyOf(links);
        open.forEach(link -> link.end(Ending.CUT));
        return open.size();
    }

    /** Answers nothing any more, also on new connections; all stay open. */
    public void stall() {
        stalled = true;
        links.forEach(link -> link.flow().stall());
    }

    /** Ends {@link #stall()}, and lets go what rules have stalled. */
    public void resume() {
        stalled = false;
        links.forEach(link -> link.flow().resume());
    }

    /** Ends all connections and refuses new ones, as a service that is down. */
    public void down() {
        listener.close();
        cutAll();
    }

    /** Ends {@link #down()}. */
    public void up() {
        listener.reopen();
    }

    /** Forgets all rules, and whatever else is wrong with this service. */
    public void heal() {
        rules.clear();
        up();
        resume();
    }

    /** How many requests there have been. */
    public int requests() {
        return requests.get();
    }

    Optional<Rule<Request, Reply>> meet(Request request) {
        return rules.meet(request);
    }

    void count() {
        requests.incrementAndGet();
    }

    Socket connect() throws IOException {
        return new Socket(service.getHost(), service.getPort());
    }

    void ended(StorageLink link) {
        links.remove(link);
    }

    @Override
    public void close() {
        down();
    }
}
