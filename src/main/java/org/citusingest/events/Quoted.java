package org.citusingest.events;

/** A text of others as a message may have it: short, and on one line. */
final class Quoted {
    private static final int MOST = 200;

    private Quoted() {}

    static String of(String text) {
        String line = text.replaceAll("\\p{Cntrl}", "?");
        return line.length() <= MOST ? line : line.substring(0, MOST) + "...";
    }
}
