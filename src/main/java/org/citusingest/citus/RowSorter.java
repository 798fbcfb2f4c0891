package org.citusingest.citus;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * Sorts encoded rows, one batch after the other in the same memory. Not thread-safe.
 *
 * <p>Each row gets some numbers that stand for it. Their places are sorted byte by byte, beginning
 * with the last one ("LSD radix sort"), which keeps the order of equal rows and costs the less the
 * fewer bytes differ.
 */
final class RowSorter {
    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private static final int BYTE_VALUES = 1 << Byte.SIZE;
    private static final int BYTE = BYTE_VALUES - 1;

    private final RowOrder.Key[] keys;
    private final long[][] words;
    private final int[] starts;
    private final int[] counts = new int[BYTE_VALUES];
    private final EncodedRows spare = new EncodedRows("", CopyFormat.BINARY, new CopyBuffer(0), 0);
    private int[] order = {};
    private int[] next = {};

    RowSorter(List<RowOrder.Key> keys) {
        this.keys = keys.toArray(RowOrder.Key[]::new);
        words = new long[keys.stream().mapToInt(key -> key.order().words()).sum()][0];
        starts = new int[keys.stream().mapToInt(RowOrder.Key::place).max().orElse(-1) + 1];
    }

    void sort(EncodedRows rows) {
        int size = rows.size();
        if (order.length < size) {
            order = new int[size];
            next = new int[size];
            Arrays.setAll(words, unused -> new long[size]);
        }
        if (readWords(rows)) {
            return;
        }
        for (int row = 0; row < size; row++) {
            order[row] = row;
        }
        for (int word = words.length - 1; word >= 0; word--) {
            sort(words[word], size);
        }
        rows.reorder(order, spare);
    }

    /** Reads the numbers of all rows; true when the rows are in order as they are. */
    private boolean readWords(EncodedRows rows) {
        boolean ordered = true;
        for (int row = 0; row < rows.size(); row++) {
            readWords(rows.bytes().bytes(), rows.start(row) + Short.BYTES, row);
            ordered = ordered && (row == 0 || inOrder(row - 1, row));
        }
        return ordered;
    }

    private void readWords(byte[] bytes, int start, int row) {
        int at = start;
        for (int column = 0; column < starts.length; column++) {
            starts[column] = at;
            at += Integer.BYTES + Math.max(0, (int) INT.get(bytes, at));
        }
        int word = 0;
        for (RowOrder.Key key : keys) {
            int length = (int) INT.get(bytes, starts[key.place()]);
            int value = starts[key.place()] + Integer.BYTES;
            for (int i = 0; i < key.order().words(); i++) {
                words[word++][row] = key.word(bytes, value, length, i);
            }
        }
    }

    private boolean inOrder(int one, int other) {
        for (long[] word : words) {
            if (word[one] != word[other]) {
                return Long.compareUnsigned(word[one], word[other]) < 0;
            }
        }
        return true;
    }

    /** Sorts what has been sorted by the words after this one. */
    private void sort(long[] word, int size) {
        long differing = 0;
        for (int row = 1; row < size; row++) {
            differing |= word[row] ^ word[0];
        }
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            if ((differing >>> shift & BYTE) != 0) {
                sort(word, shift, size);
            }
        }
    }

    private void sort(long[] word, int shift, int size) {
        Arrays.fill(counts, 0);
        for (int row = 0; row < size; row++) {
            counts[(int) (word[row] >>> shift) & BYTE]++;
        }
        int before = 0;
        for (int value = 0; value < BYTE_VALUES; value++) {
            int count = counts[value];
            counts[value] = before;
            before += count;
        }
        for (int i = 0; i < size; i++) {
            int row = order[i];
            next[counts[(int) (word[row] >>> shift) & BYTE]++] = row;
        }
        int[] sorted = next;
        next = order;
        order = sorted;
    }
}
