package org.citusingest.rows;

import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.NoTypeConversionAvailableException;
import org.apache.camel.spi.DataFormat;
import org.apache.camel.spi.DataFormatName;
import org.apache.camel.support.SynchronizationAdapter;
import org.apache.camel.support.service.ServiceSupport;
import org.apache.camel.util.IOHelper;

/**
 * A data format that unmarshals to a lazy stream of row batches: an {@link Iterator} of {@link
 * RowBatch} that reads the body while it is iterated over.
 */
public abstract class SourceDataFormat extends ServiceSupport
        implements DataFormat, DataFormatName {
    /**
     * Makes what reads the sources of an exchange.
     *
     * @throws IllegalArgumentException when an option is wrong
     */
    protected abstract RowReader.Factory readers();

    @Override
    protected void doStart() {
        // A wrong option stops the start, not the first file.
        readers();
    }

    @Override
    public final Object unmarshal(Exchange exchange, InputStream stream) {
        RowReader reader = readers().read(() -> stream, 0);
        return closedWhenDone(
                exchange,
                reader,
                () -> {
                    reader.close();
                    stream.close();
                });
    }

    /**
     * Takes whatever Camel can convert to a stream, and converts it when the rows are asked for. Of
     * an {@link Iterable}, each element is a source of its own, with a header of its own.
     */
    @Override
    public final Object unmarshal(Exchange exchange, Object body) {
        if (body == null) {
            throw new IllegalArgumentException(
                    "unmarshal %s: the body is empty (null), so there are no rows to read; give it a file, a stream or bytes"
                            .formatted(getDataFormatName()));
        }
        if (body instanceof InputStream stream) {
            return unmarshal(exchange, stream);
        }
        // A path is an iterable of its names.
        if (body instanceof Iterable<?> files && !(body instanceof Path)) {
            Iterator<?> each = files.iterator();
            SourcesReader reader =
                    new SourcesReader(
                            new Iterator<>() {
                                @Override
                                public boolean hasNext() {
                                    return each.hasNext();
                                }

                                @Override
                                public Source next() {
                                    return new BodySource(exchange, each.next());
                                }
                            },
                            readers());
            return closedWhenDone(exchange, reader, reader);
        }
        RowReader reader = readers().read(new BodySource(exchange, body), 0);
        return closedWhenDone(exchange, reader, reader);
    }

    /** Registers the end of the exchange, as not every route iterates to the end. */
    private static RowReader closedWhenDone(
            Exchange exchange, RowReader reader, Closeable closeable) {
        exchange.getExchangeExtension()
                .addOnCompletion(
                        new SynchronizationAdapter() {
                            @Override
                            public void onDone(Exchange done) {
                                IOHelper.close(closeable);
                            }
                        });
        return reader;
    }

    /** Not supported: rows are read only. */
    @Override
    public final void marshal(Exchange exchange, Object graph, OutputStream stream) {
        throw new UnsupportedOperationException(
                "The data format '%s' only reads; to write rows use 'marshal: csv'"
                        .formatted(getDataFormatName()));
    }

    /** A body, or one of the files that it lists. */
    private record BodySource(Exchange exchange, Object body) implements Source {
        @Override
        public InputStream open() throws IOException {
            return body instanceof CharSequence
                    ? new ByteArrayInputStream(body.toString().getBytes(StandardCharsets.UTF_8))
                    : convert(InputStream.class);
        }

        @Override
        public SeekableByteChannel channel() throws IOException {
            SeekableByteChannel channel =
                    exchange.getContext()
                            .getTypeConverter()
                            .tryConvertTo(SeekableByteChannel.class, exchange, body);
            return channel == null ? Source.super.channel() : channel;
        }

        @Override
        public Optional<Charset> charset() {
            return body instanceof CharSequence
                    ? Optional.of(StandardCharsets.UTF_8)
                    : Optional.empty();
        }

        private <T> T convert(Class<T> type) throws IOException {
            try {
                return exchange.getContext()
                        .getTypeConverter()
                        .mandatoryConvertTo(type, exchange, body);
            } catch (NoTypeConversionAvailableException e) {
                throw new IOException(
                        "the body is a %s, which Camel cannot convert to a stream; give it a file, a stream or bytes"
                                .formatted(body.getClass().getName()),
                        e);
            }
        }
    }
}
