package org.citusingest.rows.parquet;

import java.io.IOException;
import java.io.InputStream;
import shaded.parquet.org.apache.thrift.TBase;
import shaded.parquet.org.apache.thrift.TConfiguration;
import shaded.parquet.org.apache.thrift.TException;
import shaded.parquet.org.apache.thrift.protocol.TCompactProtocol;
import shaded.parquet.org.apache.thrift.transport.TIOStreamTransport;

/** Reads the structures that Parquet keeps its metadata in. */
final class Thrift {
    private static final int DEEPEST = 64;

    private Thrift() {}

    /**
     * Reads into a structure.
     *
     * @param most how many bytes it may have; no text or list in it may claim more
     */
    static <T extends TBase<T, ?>> T read(T structure, InputStream in, int most)
            throws IOException {
        try {
            structure.read(
                    new TCompactProtocol(
                            new TIOStreamTransport(new TConfiguration(most, most, DEEPEST), in),
                            most,
                            most));
            return structure;
        } catch (TException e) {
            if (e.getCause() instanceof IOException notRead) {
                throw notRead;
            }
            // Without the structure, which is as long as the metadata.
            String reason = String.valueOf(e.getMessage()).replaceFirst("(?s)!? Struct:.*", "");
            throw new DamageException("its metadata cannot be read (%s)".formatted(reason));
        }
    }
}
