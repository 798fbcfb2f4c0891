package org.citusingest.faults;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.Optional;

/** One connection of a client through a {@link FaultProxy}: a thread for each direction. */
final class Link {
    private static final int BUFFER_BYTES = 64 << 10;
    private static final int NO_ENCRYPTION = 'N';
    private static final char READY_FOR_QUERY = 'Z';

    private final FaultProxy proxy;
    private final Socket client;
    private final Socket server;
    private final Flow flow = new Flow();
    private final Conversation conversation = new Conversation();

    Link(FaultProxy proxy, Socket client, Socket server) {
        this.proxy = proxy;
        this.client = client;
        this.server = server;
    }

    private interface Pump {
        void run(DataInputStream in, OutputStream out) throws IOException, InterruptedException;
    }

    void start() {
        start("to server", client, server, this::toServer);
        start("to client", server, client, this::toClient);
    }

    private void start(String name, Socket from, Socket to, Pump pump) {
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                pump.run(
                                        new DataInputStream(
                                                new BufferedInputStream(
                                                        from.getInputStream(), BUFFER_BYTES)),
                                        new BufferedOutputStream(
                                                to.getOutputStream(), BUFFER_BYTES));
                            } catch (IOException e) {
                                // One side has ended; so does the other.
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            } finally {
                                end(Ending.CUT);
                            }
                        },
                        "fault proxy " + name);
        thread.setDaemon(true);
        thread.start();
    }

    private void toServer(DataInputStream in, OutputStream out)
            throws IOException, InterruptedException {
        Frame startup = Frame.readStartup(in);
        while (startup.asksForEncryption()) {
            client.getOutputStream().write(NO_ENCRYPTION);
            startup = Frame.readStartup(in);
        }
        forward(startup, true, in, out);
        while (true) {
            boolean waited = in.available() == 0;
            Frame frame = Frame.read(in);
            Optional<Rule<Message, Action>> rule = proxy.meet(conversation.sent(frame));
            if (rule.isPresent() && rule.get().action().onAnswer) {
                conversation.onAnswer(rule.get());
            } else if (rule.isPresent() && !act(rule.get(), out)) {
                continue;
            }
            forward(frame, waited, in, out);
        }
    }

    private void toClient(DataInputStream in, OutputStream out)
            throws IOException, InterruptedException {
        while (true) {
            boolean waited = in.available() == 0;
            Frame frame = Frame.read(in);
            Optional<Rule<Message, Action>> rule = conversation.answered(frame.type());
            if (rule.isPresent() && !act(rule.get(), out)) {
                while (frame.type() != READY_FOR_QUERY) {
                    frame = Frame.read(in);
                    conversation.answered(frame.type());
                }
                continue;
            }
            forward(frame, waited, in, out);
        }
    }

    /** Makes the fault, and says whether the message is then to pass. */
    private boolean act(Rule<Message, Action> rule, OutputStream out)
            throws IOException, InterruptedException {
        // What came before has passed.
        out.flush();
        rule.hit();
        Action action = rule.action();
        switch (action.kind) {
            case CUT -> end(Ending.CUT);
            case RESET -> end(Ending.RESET);
            case STALL -> flow.stall();
            case HOLD -> flow.hold();
            case DELAY -> flow.pause(action.delay);
            case RUN -> action.run.run();
            case DROP -> {
                return false;
            }
        }
        return true;
    }

    private void forward(Frame frame, boolean waited, DataInputStream in, OutputStream out)
            throws IOException, InterruptedException {
        flow.pass();
        Duration delay = proxy.delay();
        // What comes in one go is late once, not once for each message in it.
        if (waited && !delay.isZero()) {
            flow.pause(delay);
        }
        long bytesPerSecond = proxy.bytesPerSecond();
        flow.pass();
        out.write(frame.bytes());
        if (bytesPerSecond > 0) {
            out.flush();
            flow.pause(Duration.ofNanos(frame.bytes().length * 1_000_000_000L / bytesPerSecond));
        }
        if (in.available() == 0) {
            out.flush();
        }
    }

    Flow flow() {
        return flow;
    }

    void end(Ending how) {
        flow.close();
        how.close(client);
        how.close(server);
        proxy.ended(this);
    }
}
