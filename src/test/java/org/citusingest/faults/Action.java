package org.citusingest.faults;

import java.time.Duration;

/** What a {@link FaultProxy} does with a message, or with the server's answer to it. */
public final class Action {
    enum Kind {
        CUT,
        RESET,
        STALL,
        HOLD,
        DROP,
        DELAY,
        RUN
    }

    final Kind kind;
    final boolean onAnswer;
    final Duration delay;
    final Runnable run;

    private Action(Kind kind, boolean onAnswer, Duration delay, Runnable run) {
        this.kind = kind;
        this.onAnswer = onAnswer;
        this.delay = delay;
        this.run = run;
    }

    private static Action of(Kind kind, boolean onAnswer) {
        return new Action(kind, onAnswer, Duration.ZERO, () -> {});
    }

    /** The connection ends, to both sides; the server never sees the message. */
    public static Action cut() {
        return of(Kind.CUT, false);
    }

    /** As {@link #cut()}, by a TCP reset. */
    public static Action reset() {
        return of(Kind.RESET, false);
    }

    /** The connection stays open and nothing passes any more, either way, until it is resumed. */
    public static Action stall() {
        return of(Kind.STALL, false);
    }

    /** The message and what follows it waits until {@link FaultProxy#resume()}. */
    public static Action hold() {
        return of(Kind.HOLD, false);
    }

    /** The message vanishes; the connection goes on. */
    public static Action drop() {
        return of(Kind.DROP, false);
    }

    /** The message passes later. */
    public static Action delay(Duration duration) {
        return new Action(Kind.DELAY, false, duration, () -> {});
    }

    /** Something is done before the message passes. */
    public static Action run(Runnable first) {
        return new Action(Kind.RUN, false, Duration.ZERO, first);
    }

    /** The server has done what was asked; the connection ends before the client hears of it. */
    public static Action cutAnswer() {
        return of(Kind.CUT, true);
    }

    /** As {@link #cutAnswer()}, by a TCP reset. */
    public static Action resetAnswer() {
        return of(Kind.RESET, true);
    }

    /** The answer waits until {@link FaultProxy#resume()}. */
    public static Action holdAnswer() {
        return of(Kind.HOLD, true);
    }

    /**
     * The client never gets the answer, up to the server's next ReadyForQuery; it stays connected.
     */
    public static Action dropAnswer() {
        return of(Kind.DROP, true);
    }

    /** The answer passes later. */
    public static Action delayAnswer(Duration duration) {
        return new Action(Kind.DELAY, true, duration, () -> {});
    }

    /** Something is done between the server's answer and the client's getting it. */
    public static Action runOnAnswer(Runnable first) {
        return new Action(Kind.RUN, true, Duration.ZERO, first);
    }
}
