package org.citusingest.cli;

import java.io.PrintWriter;
import java.util.Optional;
import org.citusingest.ledger.LoadRecord;

/** How the summary is told that the rows of a load go, and what a person is told if it is not. */
final class Removal {
    private final LoadRecord load;
    private final Ingest.Pipeline pipeline;

    private Removal(LoadRecord load, Ingest.Pipeline pipeline) {
        this.load = load;
        this.pipeline = pipeline;
    }

    /** Of a load whose rows are about to be removed. */
    static Removal of(Ingest ingest, LoadRecord load) throws Exception {
        Ingest.Pipeline pipeline = ingest.pipeline(load.pipeline());
        if (pipeline.broken() && load.summarizedAt() != null) {
            throw new IllegalArgumentException(
                    pipeline.missing()
                            + ", so its summary would go on counting the rows: mend the file, or name another folder by --routes; nothing was done");
        }
        return new Removal(load, pipeline);
    }

    Optional<String> onRemove() {
        return pipeline.onRemove();
    }

    /** Says what the person who removed them has to know or do. */
    void report(PrintWriter err) {
        if (pipeline.missing() != null) {
            err.println(pipeline.missing() + ": went on without its option onRemove");
        }
        if (load.summarizedAt() != null && onRemove().isEmpty()) {
            err.printf(
                    "The summary of %s still counts the rows of load %d, as no onRemove takes them out: recompute it%n",
                    load.pipeline(), load.id());
        }
        err.flush();
    }
}
