package org.citusingest.rows.parquet;

import java.io.IOException;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.Type;

/**
 * Reads a column chunk entry by entry. An entry has two levels, which say where it belongs and
 * whether there is a value, and the value, if there is one.
 */
final class LeafReader {
    /** Statistics of a page hold two of its values. */
    private static final int LONGEST_HEADER = 16 << 20;

    private final SchemaNode leaf;
    private final ChunkBytes chunk;
    private final Codec codec;
    private final PageMemory memory;
    private final Type type;
    private final int length;
    private long left;
    private Dictionary dictionary;
    private byte[] buffer = {};
    private long inPage;
    private RunLengths repetitions;
    private RunLengths definitions;
    private Values values;
    private int repetition;
    private int definition = -1;

    /**
     * @param count how many entries the chunk has
     */
    LeafReader(SchemaNode leaf, ChunkBytes chunk, Codec codec, long count, PageMemory memory) {
        this.leaf = leaf;
        this.chunk = chunk;
        this.codec = codec;
        this.memory = memory;
        left = count;
        type = leaf.element().getType();
        length = leaf.element().getType_length();
    }

    SchemaNode leaf() {
        return leaf;
    }

    /**
     * Goes to the next entry, at first to the first one.
     *
     * @return false when there is none; the levels are then those of no entry
     */
    boolean advance() throws IOException {
        if (inPage == 0 && !nextPage()) {
            repetition = 0;
            definition = -1;
            return false;
        }
        inPage--;
        repetition = repetitions == null ? 0 : repetitions.next();
        definition = definitions == null ? 0 : definitions.next();
        if (definition == leaf.definition()) {
            values.next();
        }
        return true;
    }

    /** Whether there was an entry. */
    boolean isThere() {
        return definition >= 0;
    }

    /** Whether the entry has a value. */
    boolean hasValue() {
        return definition == leaf.definition();
    }

    int repetition() {
        return repetition;
    }

    int definition() {
        return definition;
    }

    /** The value of the entry, until the next one. */
    Values value() {
        return values;
    }

    private boolean nextPage() throws IOException {
        while (left > 0) {
            PageHeader header = Thrift.read(new PageHeader(), chunk, LONGEST_HEADER);
            int size = header.getCompressed_page_size();
            int start = chunk.take(size);
            check(header, start, size);
            switch (header.getType()) {
                case DICTIONARY_PAGE -> readDictionary(header, start, size);
                case DATA_PAGE -> begin(header.getData_page_header(), header, start, size);
                case DATA_PAGE_V2 -> begin(header.getData_page_header_v2(), header, start, size);
                case INDEX_PAGE -> {}
            }
            if (inPage > 0) {
                return true;
            }
        }
        return false;
    }

    private void check(PageHeader header, int start, int size) {
        if (header.isSetCrc()) {
            CRC32 crc = new CRC32();
            crc.update(chunk.array(), start, size);
            if ((int) crc.getValue() != header.getCrc()) {
                throw new DamageException("a page has another checksum than it was written with");
            }
        }
        if (header.getUncompressed_page_size() < 0) {
            throw new DamageException(
                    "a page has %d bytes".formatted(header.getUncompressed_page_size()));
        }
    }

    private void readDictionary(PageHeader header, int start, int size) throws IOException {
        if (dictionary != null || header.getDictionary_page_header() == null) {
            throw new DamageException("its dictionary is not in its place");
        }
        int plain = header.getUncompressed_page_size();
        int count = header.getDictionary_page_header().getNum_values();
        // The values are read where they are; of each is kept where, or the number.
        memory.take(plain + (long) Long.BYTES * Math.max(0, Math.min(count, plain)));
        byte[] kept = new byte[plain];
        decompress(start, size, kept, plain);
        dictionary = new Dictionary(new PageBytes(kept, 0, plain), count, type, length);
    }

    private void begin(DataPageHeader header, PageHeader page, int start, int size)
            throws IOException {
        require(header);
        begin(header.getNum_values());
        PageBytes in = plain(start, size, page.getUncompressed_page_size());
        repetitions = levels(in, leaf.repetition(), header.getRepetition_level_encoding());
        definitions = levels(in, leaf.definition(), header.getDefinition_level_encoding());
        values = values(header.getEncoding(), in);
    }

    private void begin(DataPageHeaderV2 header, PageHeader page, int start, int size)
            throws IOException {
        require(header);
        begin(header.getNum_values());
        PageBytes in = new PageBytes(chunk.array(), start, start + size);
        PageBytes repeated = in.slice(header.getRepetition_levels_byte_length());
        PageBytes defined = in.slice(header.getDefinition_levels_byte_length());
        repetitions =
                leaf.repetition() == 0 ? null : RunLengths.levels(repeated, leaf.repetition());
        definitions = leaf.definition() == 0 ? null : RunLengths.levels(defined, leaf.definition());
        int rest = in.left();
        if (header.isIs_compressed() && rest > 0) {
            int levels = size - rest;
            in = plain(start + levels, rest, page.getUncompressed_page_size() - levels);
        }
        values = values(header.getEncoding(), in);
    }

    private static void require(Object header) {
        if (header == null) {
            throw new DamageException("a page has no header of its type");
        }
    }

    private void begin(int count) {
        if (count < 0 || count > left) {
            throw new DamageException(
                    "a page has %d values where %d are left".formatted(count, left));
        }
        inPage = count;
        left -= count;
    }

    private static RunLengths levels(PageBytes in, int highest, Encoding encoding) {
        if (highest == 0) {
            return null;
        }
        if (encoding != Encoding.RLE) {
            throw new DamageException(
                    "its levels are encoded as %s, which only writers of before 2014 did; write the file again"
                            .formatted(encoding));
        }
        return RunLengths.levels(in.slice(in.readInt()), highest);
    }

    private Values values(Encoding encoding, PageBytes in) {
        return switch (encoding) {
            case PLAIN -> new PlainValues(in, type, length);
            case PLAIN_DICTIONARY, RLE_DICTIONARY -> named(in);
            case RLE -> requireType(new BooleanRuns(in), encoding, Type.BOOLEAN);
            case DELTA_BINARY_PACKED ->
                    requireType(
                            new DeltaNumbers(in, type == Type.INT32),
                            encoding,
                            Type.INT32,
                            Type.INT64);
            case DELTA_LENGTH_BYTE_ARRAY ->
                    requireType(new DeltaLengths(in), encoding, Type.BYTE_ARRAY);
            case DELTA_BYTE_ARRAY ->
                    requireType(
                            new DeltaPrefixes(in),
                            encoding,
                            Type.BYTE_ARRAY,
                            Type.FIXED_LEN_BYTE_ARRAY);
            case BYTE_STREAM_SPLIT -> new SplitBytes(in, type, length);
            case BIT_PACKED -> throw wrong(encoding);
        };
    }

    private Values named(PageBytes in) {
        if (dictionary == null) {
            throw new DamageException("a page names values of a dictionary that is not there");
        }
        return dictionary.values(in);
    }

    private Values requireType(Values values, Encoding encoding, Type... types) {
        if (!Arrays.asList(types).contains(type)) {
            throw wrong(encoding);
        }
        return values;
    }

    private DamageException wrong(Encoding encoding) {
        return new DamageException(
                "values of %s are encoded as %s, which no Parquet has".formatted(type, encoding));
    }

    /** The bytes of a page decompressed, which stay until the next page. */
    private PageBytes plain(int start, int size, int plain) throws IOException {
        if (codec == Codec.UNCOMPRESSED) {
            return new PageBytes(chunk.array(), start, start + size);
        }
        if (plain > buffer.length) {
            memory.take(plain - buffer.length);
            buffer = new byte[plain];
        }
        decompress(start, size, buffer, plain);
        return new PageBytes(buffer, 0, plain);
    }

    private void decompress(int start, int size, byte[] to, int plain) throws IOException {
        int count;
        try {
            count = codec.decompress(chunk.array(), start, size, to, plain);
        } catch (IOException | RuntimeException e) {
            // Of bytes in memory: nothing but themselves can be the reason.
            throw new DamageException(
                    "a page cannot be decompressed by %s (%s)".formatted(codec, e.getMessage()));
        }
        if (count != plain) {
            throw new DamageException(
                    "a page decompressed has not the %d bytes that it says".formatted(plain));
        }
    }
}
