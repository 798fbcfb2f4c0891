package org.citusingest;

/** Starts citus-ingest. */
public final class App {
    private App() {}

    public static void main(String[] args) {
        System.out.println("citus-ingest");
    }
}
