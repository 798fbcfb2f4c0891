package org.citusingest.demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/**
 * An access log with all that CSV allows and loaders trip over: a byte order mark, CRLF line ends,
 * none after the last row, quotes, newlines and commas inside fields, empty and quoted empty
 * fields, and the many forms of a time. PostgreSQL accepts every row.
 */
final class UglyRequests {
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private static final List<String> LINES =
            List.of(
                    "1,2026-11-01T10:00:00Z,https://site-1.example.org/plain,DE,192.0.2.1,200,12",
                    "1,2026-11-01 12:00:00+02,\"https://site-1.example.org/a,b,c\",DE,192.0.2.1,200,13",
                    "2,2026-11-01 10:00:00.123456+00,\"/say?q=\"\"hello\"\"\",FR,192.0.2.2,404,14",
                    "2,2026-11-01T15:30:00.5+05:30,\"/two\nlines\",IN,192.0.2.3,200,15",
                    "3,20261101T100000Z,\"/two\r\nwindows lines\",US,192.0.2.4,500,16",
                    "3,\"2026-11-01 10:01:00 UTC\",/büro/straße?stadt=köln,AT,2001:db8::1,200,17",
                    "4,2026-11-01 10:01:00Z,/検索?q=カメラ,JP,192.0.2.5,200,18",
                    "4,2026-11-01 10:01:00-00:00,/emoji/🚀,,192.0.2.6,302,19",
                    "5,2026-11-01T10:01:59.999Z,,,,,",
                    "5,2026-11-01T10:01:59.999999Z,\"\",\"\",\"\",,",
                    "6,\"2026-11-01T10:02:00Z\",\"\"\"\",\"US\",\"192.0.2.7\",\"200\",\"20\"",
                    "6,2026-11-01 10:02:00+00, leading and trailing spaces ,US,192.0.2.8, 204 ,0",
                    "7,2026-11-01 03:02:30-07,\"/back\\slash\\N\",NULL,192.0.2.9,+200,-0",
                    "7,2026-11-01T10:02:30Z,\"/tab\there\",\\N,192.0.2.10,0200,2147483647",
                    "200,\"Sun Nov 01 10:03:00 2026 UTC\",\"\n\",ZA,192.0.2.11,503,21");

    static final int ROWS = LINES.size();

    private UglyRequests() {}

    static void writeTo(OutputStream out) throws IOException {
        String text = BYTE_ORDER_MARK + SampleRequests.HEADER + "\r\n" + String.join("\r\n", LINES);
        out.write(text.getBytes(UTF_8));
    }
}
