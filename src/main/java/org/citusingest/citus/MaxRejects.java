package org.citusingest.citus;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many rows of a load may be rejected before it fails.
 *
 * @param number the count, or the percentage
 * @param percent whether it is a percentage of the rows of the load
 */
record MaxRejects(BigDecimal number, boolean percent) {
    private static final Pattern TEXT = Pattern.compile("(\\d{1,18})|(\\d{1,3}(?:\\.\\d{1,9})?)%");
    private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

    /**
     * Reads the option.
     *
     * @throws IllegalArgumentException when it is neither a count nor a percentage up to 100
     */
    static MaxRejects parse(String option) {
        Matcher parts = TEXT.matcher(option.trim());
        if (parts.matches()) {
            if (parts.group(1) != null) {
                return new MaxRejects(new BigDecimal(parts.group(1)), false);
            }
            BigDecimal percentage = new BigDecimal(parts.group(2));
            if (percentage.compareTo(HUNDRED) <= 0) {
                return new MaxRejects(percentage, true);
            }
        }
        throw new IllegalArgumentException(
                "citus: maxRejects=%s is not allowed; it must be a count such as 100, or a percentage of the rows such as 0.5%%"
                        .formatted(option));
    }

    /** Whether no row may be rejected. */
    boolean isNone() {
        return number.signum() == 0;
    }

    /** How many rows may be rejected whatever the number of rows will be. */
    long most() {
        return percent && !isNone() ? Long.MAX_VALUE : number.longValue();
    }

    /** Whether so many are too many for a load of so many rows, the rejected ones among them. */
    boolean isExceeded(long rejected, long rows) {
        return percent
                ? BigDecimal.valueOf(rejected)
                                .multiply(HUNDRED)
                                .compareTo(number.multiply(BigDecimal.valueOf(rows)))
                        > 0
                : rejected > number.longValue();
    }

    @Override
    public String toString() {
        return number.toPlainString() + (percent ? "%" : "");
    }
}
