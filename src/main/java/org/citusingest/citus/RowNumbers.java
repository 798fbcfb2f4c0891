package org.citusingest.citus;

import java.util.Arrays;

/**
 * The numbers of rows in the order in which they were added, kept as runs of consecutive numbers.
 */
final class RowNumbers {
    private long[] firstNumber = new long[16];
    private long[] firstIndex = new long[16];
    private int runs;
    private long size;

    /** How many rows have been added. */
    long size() {
        return size;
    }

    void add(long number) {
        add(number, 1);
    }

    private void add(long number, long count) {
        boolean consecutive =
                runs > 0 && number - firstNumber[runs - 1] == size - firstIndex[runs - 1];
        if (!consecutive) {
            if (runs == firstNumber.length) {
                firstNumber = Arrays.copyOf(firstNumber, runs * 2);
                firstIndex = Arrays.copyOf(firstIndex, runs * 2);
            }
            firstNumber[runs] = number;
            firstIndex[runs++] = size;
        }
        size += count;
    }

    /** Adds all of the others after these. */
    void addAll(RowNumbers others) {
        for (int i = 0; i < others.runs; i++) {
            long end = i + 1 < others.runs ? others.firstIndex[i + 1] : others.size;
            add(others.firstNumber[i], end - others.firstIndex[i]);
        }
    }

    /** The number of the row that was added at this index, counted from 0. */
    long at(long index) {
        int run = Arrays.binarySearch(firstIndex, 0, runs, index);
        int found = run >= 0 ? run : -run - 2;
        return firstNumber[found] + index - firstIndex[found];
    }

    /** The lowest number; batches come in any order. */
    long lowest() {
        return Arrays.stream(firstNumber, 0, runs).min().orElseThrow();
    }

    /** The highest number. */
    long highest() {
        long highest = Long.MIN_VALUE;
        for (int i = 0; i < runs; i++) {
            long end = i + 1 < runs ? firstIndex[i + 1] : size;
            highest = Math.max(highest, firstNumber[i] + end - firstIndex[i] - 1);
        }
        return highest;
    }

    void clear() {
        runs = 0;
        size = 0;
    }
}
