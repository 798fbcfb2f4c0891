package org.citusingest.faults;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** What a client has asked on one connection, and which of it the server is answering. */
final class Conversation {
    private final Map<String, String> statements = new HashMap<>();
    private final Map<String, String> portals = new HashMap<>();
    private final Deque<Asked> unanswered = new ArrayDeque<>();

    /** A request; those that end with ReadyForQuery are ready, others end before it. */
    private static final class Asked {
        final boolean ready;
        Rule<Message, Action> rule;

        Asked(boolean ready) {
            this.ready = ready;
        }

        Optional<Rule<Message, Action>> takeRule() {
            Rule<Message, Action> taken = rule;
            rule = null;
            return Optional.ofNullable(taken);
        }
    }

    /** Notes what the client sends, and says what it executes. */
    synchronized Message sent(Frame frame) {
        String sql = "";
        switch (frame.type()) {
            case 'P' -> statements.put(frame.text(0), frame.text(1));
            case 'B' -> portals.put(frame.text(0), statements.getOrDefault(frame.text(1), ""));
            case 'E' -> {
                sql = portals.getOrDefault(frame.text(0), "");
                unanswered.add(new Asked(false));
            }
            case 'Q' -> {
                sql = frame.text(0);
                unanswered.add(new Asked(true));
            }
            case 'S', 'F' -> unanswered.add(new Asked(true));
            default -> {
                // Nothing to be executed.
            }
        }
        return new Message(frame.type(), sql.strip().replaceFirst(";$", ""));
    }

    /** The answer to what the client has sent last is to be met by this rule. */
    synchronized void onAnswer(Rule<Message, Action> rule) {
        if (!unanswered.isEmpty()) {
            unanswered.getLast().rule = rule;
        }
    }

    /** The rule for the answer that this message of the server begins, if there is one. */
    synchronized Optional<Rule<Message, Action>> answered(char type) {
        Asked asked = unanswered.peek();
        if (asked == null) {
            return Optional.empty();
        }
        return switch (type) {
            // CommandComplete, EmptyQueryResponse, PortalSuspended
            case 'C', 'I', 's' -> asked.ready ? asked.takeRule() : unanswered.poll().takeRule();
            // ErrorResponse: the server skips everything up to the next Sync.
            case 'E' -> {
                Optional<Rule<Message, Action>> rule = asked.takeRule();
                while (!unanswered.isEmpty() && !unanswered.peek().ready) {
                    unanswered.poll();
                }
                yield rule;
            }
            // ReadyForQuery
            case 'Z' -> {
                while (!unanswered.isEmpty() && !unanswered.poll().ready) {
                    // What the server has skipped.
                }
                yield Optional.empty();
            }
            default -> Optional.empty();
        };
    }
}
