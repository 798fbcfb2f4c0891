package org.citusingest.rows;

import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Reads text of any encoding as UTF-8. Bytes that mean nothing in the encoding are an error and
 * never become a replacement character.
 */
final class Utf8InputStream extends InputStream {
    private static final int CHARS = 8 << 10;
    private static final int MOST_BYTES_PER_CHAR = 3;

    private final InputStream in;
    private final Charset charset;
    private final CharsetDecoder decoder;
    private final CharsetEncoder encoder;
    private final ByteBuffer source = ByteBuffer.allocate(CHARS).flip();
    private final CharBuffer chars = CharBuffer.allocate(CHARS);
    private final ByteBuffer utf8 = ByteBuffer.allocate((CHARS + 1) * MOST_BYTES_PER_CHAR).flip();
    private long sourceOffset;
    private boolean sourceEnded;
    private boolean decoded;

    private Utf8InputStream(InputStream in, Charset charset, int offset) {
        this.in = in;
        this.charset = charset;
        sourceOffset = offset;
        decoder =
                charset.newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT);
        encoder = StandardCharsets.UTF_8.newEncoder();
    }

    /**
     * The stream in UTF-8. A text in UTF-8 is left as it is, with its byte order mark if it has
     * one; its bytes are PostgreSQL's to judge.
     *
     * @param declared the encoding where no byte order mark says otherwise
     */
    static InputStream of(InputStream in, Charset declared) throws IOException {
        PushbackInputStream peeked = new PushbackInputStream(in, ByteOrderMark.LONGEST);
        byte[] first = peeked.readNBytes(ByteOrderMark.LONGEST);
        Optional<ByteOrderMark> mark = ByteOrderMark.of(first);
        Charset charset = mark.map(ByteOrderMark::charset).orElse(declared);
        if (charset.equals(StandardCharsets.UTF_8)) {
            peeked.unread(first);
            return peeked;
        }
        int skip = mark.map(ByteOrderMark::length).orElse(0);
        peeked.unread(first, skip, first.length - skip);
        return new Utf8InputStream(peeked, charset, skip);
    }

    @Override
    public int read() throws IOException {
        return fill() ? utf8.get() & 0xFF : -1;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (!fill()) {
            return -1;
        }
        int count = Math.min(length, utf8.remaining());
        utf8.get(bytes, offset, count);
        return count;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /** Decodes until there is something to read; false at the end. */
    private boolean fill() throws IOException {
        while (!utf8.hasRemaining()) {
            if (decoded && chars.position() == 0) {
                return false;
            }
            if (!decoded) {
                if (!sourceEnded) {
                    readSource();
                }
                decode();
            }
            utf8.clear();
            chars.flip();
            check(encoder.encode(chars, utf8, decoded));
            chars.compact();
            utf8.flip();
        }
        return true;
    }

    private void readSource() throws IOException {
        sourceOffset += source.position();
        source.compact();
        int count = in.read(source.array(), source.position(), source.remaining());
        if (count < 0) {
            sourceEnded = true;
        } else {
            source.position(source.position() + count);
        }
        source.flip();
    }

    private void decode() {
        CoderResult result = decoder.decode(source, chars, sourceEnded);
        check(result);
        if (sourceEnded && result.isUnderflow()) {
            decoded = decoder.flush(chars).isUnderflow();
        }
    }

    private void check(CoderResult result) {
        if (result.isError()) {
            throw new RowFormatException(
                    -1,
                    sourceOffset + source.position(),
                    result.length()
                            + " bytes here are no text in "
                            + charset
                            + ", so it is not certain what they mean; set the option 'charset' to"
                            + " the encoding of the source, or correct the source");
        }
    }
}
