package org.citusingest.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Locale;

/** The sites that requests are made to, as CSV whose header has no names of columns. */
final class SampleSites {
    static final int ROWS = 200;

    private static final String HEADER = "Site ID,Name,Host,Country";

    /** Names as people type them; %d is the site. */
    private static final List<String> NAMES =
            List.of(
                    "Shop %d",
                    "\"O'Neil, Sons & Co %d\"",
                    "\"The \"\"Best\"\" Books %d\"",
                    "Bäckerei Müller %d",
                    "\"Tools, Nails, and Paint %d\"",
                    "東京カメラ %d",
                    "  Garden Centre %d");

    private static final List<String> HOSTS =
            List.of("WWW.Site-%d.Example.COM", "site-%d.example.org", "Site-%d.Example.net");
    private static final List<String> COUNTRIES = List.of("DE", "us", "JP", "", "FR", "gb");

    private SampleSites() {}

    /** The host of a site in small letters, as it stands in an address. */
    static String host(int site) {
        return pick(HOSTS, site).toLowerCase(Locale.ROOT);
    }

    static void writeTo(OutputStream out) throws IOException {
        StringBuilder text = new StringBuilder(HEADER).append('\n');
        for (int site = 1; site <= ROWS; site++) {
            text.append(site).append(',').append(pick(NAMES, site)).append(',');
            text.append(pick(HOSTS, site)).append(',').append(pick(COUNTRIES, site)).append('\n');
        }
        out.write(text.toString().getBytes(UTF_8));
    }

    private static String pick(List<String> choices, int site) {
        return choices.get(site % choices.size()).formatted(site);
    }
}
