package org.citusingest.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * An access log as CSV, in the order of time.
 *
 * @param seed what the rows are drawn from
 * @param rows how many rows there are
 * @param from the time of the first row, a whole second
 * @param seconds how long the log runs
 */
record SampleRequests(long seed, int rows, Instant from, int seconds) {
    static final String HEADER =
            "site_id,ingest_time,url,request_country,ip_address,status_code,response_time_msec";

    private static final List<String> PAGES =
            List.of("", "products", "cart", "search", "about", "login", "help", "blog/2026/11");
    private static final List<String> COUNTRIES =
            List.of("DE", "US", "FR", "GB", "NL", "BR", "IN", "JP", "AU", "ZA", "SE", "PL");

    /** The networks that are kept for documentation (RFC 5737): nobody's address is in the data. */
    private static final List<String> NETWORKS = List.of("192.0.2.", "198.51.100.", "203.0.113.");

    private static final List<String> HOSTS =
            IntStream.rangeClosed(1, SampleSites.ROWS).mapToObj(SampleSites::host).toList();

    private static final int FLUSH = 1 << 16;

    /** Writes the header and all rows and leaves the stream open. */
    void writeTo(OutputStream out) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        StringBuilder text = new StringBuilder(FLUSH + 256).append(HEADER).append('\n');
        String second = "";
        long secondShown = -1;
        for (int row = 0; row < rows; row++) {
            long milliseconds = row * 1000L * seconds / rows;
            if (milliseconds / 1000 != secondShown) {
                // Most rows share their second with the one before, and printing it is dear.
                secondShown = milliseconds / 1000;
                String instant = from.plusSeconds(secondShown).toString(); // 2026-11-01T10:00:00Z
                second = instant.substring(0, instant.length() - 1) + '.';
            }
            // The square makes few sites busy and many quiet.
            double share = random.nextDouble();
            int site = 1 + (int) (share * share * SampleSites.ROWS);
            text.append(site).append(',').append(second);
            text.append(String.valueOf(1000 + milliseconds % 1000), 1, 4).append("Z,");
            appendRequest(text, random, site);
            if (text.length() >= FLUSH) {
                out.write(text.toString().getBytes(UTF_8));
                text.setLength(0);
            }
        }
        out.write(text.toString().getBytes(UTF_8));
    }

    private static void appendRequest(StringBuilder text, SplittableRandom random, int site) {
        text.append("https://").append(HOSTS.get(site - 1)).append('/');
        text.append(pick(PAGES, random)).append("?id=").append(random.nextInt(100_000)).append(',');
        text.append(pick(COUNTRIES, random)).append(',');
        text.append(pick(NETWORKS, random)).append(random.nextInt(256)).append(',');
        int luck = random.nextInt(1000);
        text.append(luck < 930 ? 200 : luck < 950 ? 302 : luck < 990 ? 404 : 500).append(',');
        text.append(5 + random.nextInt(100) * (luck < 990 ? 1 : 20)).append('\n');
    }

    private static String pick(List<String> choices, SplittableRandom random) {
        return choices.get(random.nextInt(choices.size()));
    }
}
