package org.citusingest.faults;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * One connection of a client to a {@link StorageProxy}: one thread, one request after the other.
 */
final class StorageLink {
    private static final byte[] CONTINUE =
            "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int NO_CONTENT = 204;
    private static final int NOT_MODIFIED = 304;

    private final StorageProxy proxy;
    private final Socket client;
    private final Flow flow = new Flow();

    StorageLink(StorageProxy proxy, Socket client) {
        this.proxy = proxy;
        this.client = client;
    }

    void start() {
        Thread thread = new Thread(this::serve, "storage proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void serve() {
        try {
            InputStream in = new BufferedInputStream(client.getInputStream());
            OutputStream out = new BufferedOutputStream(client.getOutputStream(), 64 << 10);
            boolean more = true;
            while (more) {
                Optional<HttpHead> head = HttpHead.read(in);
                more = head.isPresent() && answer(head.get(), in, out);
                out.flush();
            }
        } catch (IOException e) {
            // Cut off, by either side or by a rule.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            end(Ending.CUT);
        }
    }

    /** Answers one request, and says whether the connection goes on. */
    private boolean answer(HttpHead head, InputStream in, OutputStream out)
            throws IOException, InterruptedException {
        if (head.header("expect").isPresent()) {
            out.write(CONTINUE);
            out.flush();
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        new HttpBody(in, body).pass(head.bodyLength());
        Request request = Request.of(head);
        proxy.count();
        flow.pass();
        Optional<Rule<Request, Reply>> rule = proxy.meet(request);
        rule.ifPresent(Rule::hit);
        Reply reply = rule.map(Rule::action).orElse(null);
        if (reply != null) {
            switch (reply.kind) {
                case ANSWER -> {
                    boolean headOnly = request.method().equals("HEAD");
                    out.write(reply.answer, 0, headOnly ? (int) reply.bytes : reply.answer.length);
                    return true;
                }
                case CUT, RESET -> {
                    end(reply.kind == Reply.Kind.CUT ? Ending.CUT : Ending.RESET);
                    return false;
                }
                case STALL -> flow.hold();
                case DELAY -> flow.pause(reply.delay);
                case RUN -> reply.run.run();
                case TRUNCATE, CORRUPT -> {
                    // It is the answer that is changed.
                }
            }
        }
        return forward(head, body.toByteArray(), request, Optional.ofNullable(reply), out);
    }

    private boolean forward(
            HttpHead head, byte[] body, Request request, Optional<Reply> reply, OutputStream out)
            throws IOException, InterruptedException {
        // A connection for each request: an idle one may be closed by the service at any time.
        try (Socket service = proxy.connect()) {
            OutputStream to = new BufferedOutputStream(service.getOutputStream());
            to.write(head.bytes());
            to.write(body);
            to.flush();
            InputStream from = new BufferedInputStream(service.getInputStream(), 64 << 10);
            HttpHead answer = HttpHead.read(from).orElseThrow(IOException::new);
            flow.pass();
            out.write(answer.bytes());
            int status = answer.status();
            if (!request.method().equals("HEAD")
                    && status != NO_CONTENT
                    && status != NOT_MODIFIED) {
                body(from, out, reply).pass(answer.bodyLength());
            }
            return !answer.closes();
        }
    }

    private static HttpBody body(InputStream from, OutputStream out, Optional<Reply> reply) {
        HttpBody body = new HttpBody(from, out);
        reply.ifPresent(
                fault -> {
                    if (fault.kind == Reply.Kind.TRUNCATE) {
                        body.truncatedTo(fault.bytes);
                    } else if (fault.kind == Reply.Kind.CORRUPT) {
                        body.inverting(fault.bytes);
                    }
                });
        return body;
    }

    Flow flow() {
        return flow;
    }

    void end(Ending how) {
        flow.close();
        how.close(client);
        proxy.ended(this);
    }
}
