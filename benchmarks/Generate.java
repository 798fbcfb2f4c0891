import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.SplittableRandom;

/**
 * Writes access logs as CSV: 110 bytes a row, in the order of time, the same for the same arguments.
 *
 * <p>{@code java Generate.java ROWS BAD_EVERY FILE}, or {@code ROWS BAD_EVERY FOLDER ROWS_A_FILE}
 * for many files. Every BAD_EVERY-th row has a status code that is no number; 0 for none.
 */
final class Generate {
    private static final String HEADER =
            "site_id,ingest_time,url,request_country,ip_address,status_code,response_time_msec\n";
    private static final Instant FROM = Instant.parse("2026-11-01T00:00:00Z");
    private static final int ROWS_A_SECOND = 500;
    private static final int SITES = 500;
    private static final int FLUSH = 1 << 18;

    private static final String[] PAGES = {
        "products/outdoor", "cart/checkout", "search/results", "account/orders", "blog/2026/11", "help/contact"
    };
    private static final String[] COUNTRIES = {"DE", "US", "FR", "GB", "NL", "BR", "IN", "JP"};

    /** The networks that are kept for documentation (RFC 5737). */
    private static final String[] NETWORKS = {"192.0.2.", "198.51.100.", "203.0.113."};

    private final SplittableRandom random = new SplittableRandom(7);
    private final int badEvery;
    private String second = "";
    private long secondShown = -1;

    private Generate(int badEvery) {
        this.badEvery = badEvery;
    }

    public static void main(String[] args) throws IOException {
        long rows = Long.parseLong(args[0]);
        Generate log = new Generate(Integer.parseInt(args[1]));
        Path target = Path.of(args[2]);
        if (args.length == 3) {
            log.write(target, 0, rows);
            return;
        }
        long rowsPerFile = Long.parseLong(args[3]);
        Files.createDirectories(target);
        for (long from = 0; from < rows; from += rowsPerFile) {
            Path file = target.resolve("%07d.csv".formatted(from / rowsPerFile));
            log.write(file, from, Math.min(rows, from + rowsPerFile));
        }
    }

    private void write(Path file, long from, long to) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            StringBuilder text = new StringBuilder(FLUSH + 512).append(HEADER);
            for (long row = from; row < to; row++) {
                append(text, row);
                if (text.length() >= FLUSH) {
                    out.write(text.toString().getBytes(ISO_8859_1));
                    text.setLength(0);
                }
            }
            out.write(text.toString().getBytes(ISO_8859_1));
        }
    }

    private void append(StringBuilder text, long row) {
        if (row / ROWS_A_SECOND != secondShown) {
            // Most rows share their second with the one before, and printing it is dear.
            secondShown = row / ROWS_A_SECOND;
            String instant = FROM.plusSeconds(secondShown).toString();
            second = instant.substring(0, instant.length() - 1) + '.';
        }
        // The square makes few sites busy and many quiet.
        double share = random.nextDouble();
        int site = 1 + (int) (share * share * SITES);
        text.append(site).append(',').append(second);
        text.append(Long.toString(1000 + row % ROWS_A_SECOND * 1000 / ROWS_A_SECOND), 1, 4).append("Z,");
        text.append("https://www.portal-").append(site).append(".example.com/").append(pick(PAGES));
        text.append("?id=").append(random.nextInt(100_000)).append(',');
        text.append(pick(COUNTRIES)).append(',');
        text.append(pick(NETWORKS)).append(random.nextInt(256)).append(',');
        int luck = random.nextInt(1000);
        if (badEvery > 0 && row % badEvery == badEvery - 1) {
            text.append("n/a");
        } else {
            text.append(luck < 930 ? 200 : luck < 950 ? 302 : luck < 990 ? 404 : 500);
        }
        text.append(',').append(5 + random.nextInt(100) * (luck < 990 ? 1 : 20)).append('\n');
    }

    private String pick(String[] choices) {
        return choices[random.nextInt(choices.length)];
    }
}
