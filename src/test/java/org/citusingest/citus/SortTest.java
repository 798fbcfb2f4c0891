package org.citusingest.citus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.citusingest.TestDatabase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Loads into tables with indexes, and looks at the order in which the rows stand in them. */
@Timeout(60)
class SortTest {
    private static final int ROWS = 4_000;
    private static final int ONE_BATCH = 1_000_000;
    private static final String HEADER = "n,site,at,word,price\n";

    private final TestDatabase database = TestDatabase.fresh();

    private void createTable(String... more) {
        database.execute(
                "CREATE TABLE item (n int, site int, at timestamptz, word text COLLATE \"C\", price numeric, _load_id bigint)");
        database.execute(more);
    }

    private LoadTotals load(int batchBytes, String options, String file) {
        try (TestRoutes routes =
                TestRoutes.of(database, TestRoutes.split(batchBytes, "item?" + options))) {
            return routes.load("direct:split", "k", file);
        }
    }

    private Exception failure(String options, String file) {
        try (TestRoutes routes =
                TestRoutes.of(database, TestRoutes.split(ONE_BATCH, "item?" + options))) {
            return routes.failure("direct:split", "k", file);
        }
    }

    /** Rows in no order but that of n; a tenth of the values is NULL. */
    private static String file() {
        Random random = new Random(7);
        StringBuilder file = new StringBuilder(HEADER);
        for (int n = 1; n <= ROWS; n++) {
            List<String> values =
                    List.of(
                            "" + (random.nextInt(40) - 20),
                            "20%02d-%02d-01 00:00:%02dZ"
                                    .formatted(
                                            90 - random.nextInt(80),
                                            1 + random.nextInt(12),
                                            random.nextInt(60)),
                            Integer.toString(random.nextInt(2_000), Character.MAX_RADIX),
                            "" + (random.nextInt(2_000) - 1_000) / 8.0);
            file.append(n);
            for (String value : values) {
                file.append(',').append(random.nextInt(10) == 0 ? "" : value);
            }
            file.append('\n');
        }
        return file.toString();
    }

    private List<String> stored() {
        return database.rows("SELECT n FROM item ORDER BY ctid");
    }

    private void assertOrder(String order) {
        assertThat(stored())
                .isEqualTo(database.rows("SELECT n FROM item ORDER BY %s".formatted(order)));
        assertThat(database.count("item")).isEqualTo(ROWS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "site, at",
                "site DESC, at",
                "site NULLS FIRST, at DESC NULLS LAST",
                "site DESC NULLS LAST, price, word",
                "at, site",
                "word DESC, at",
                "price"
            })
    void the_rows_of_a_batch_are_copied_in_the_order_of_the_index(String order) {
        createTable("CREATE INDEX ON item (%s)".formatted(order));

        load(ONE_BATCH, "sort=auto", file());

        // Equal ones stay in the order of the file.
        assertOrder(order + ", n");
    }

    @Test
    void each_batch_is_sorted_by_itself_and_no_row_is_lost() {
        createTable("CREATE INDEX ON item (site, at)");
        String file = file();
        load(20_000, "sort=none", file);
        String all = "SELECT n, site, at, word, price FROM item ORDER BY n";
        List<String> expected = database.rows(all);
        database.execute("TRUNCATE item, citus_ingest.load CASCADE");

        load(20_000, "lanes=1", file);

        assertThat(database.rows(all)).isEqualTo(expected).hasSize(ROWS);
        int runs = 1;
        List<String> sites = database.rows("SELECT coalesce(site, 99) FROM item ORDER BY ctid");
        for (int i = 1; i < sites.size(); i++) {
            runs += Integer.parseInt(sites.get(i)) < Integer.parseInt(sites.get(i - 1)) ? 1 : 0;
        }
        assertThat(runs).isBetween(file.length() / 20_000, file.length() / 20_000 + 2);
    }

    @Test
    void rows_that_are_in_order_stay_as_they_are_in_whatever_order_others_would_be() {
        createTable("CREATE INDEX ON item (n)", "CREATE INDEX ON item (site)");

        load(ONE_BATCH, "", file());

        assertOrder("n");
    }

    @Test
    void the_primary_key_is_the_first_index() {
        createTable(
                "CREATE INDEX ON item (site)",
                "ALTER TABLE item ADD CONSTRAINT item_key PRIMARY KEY (n)");
        List<String> lines = new ArrayList<>(file().lines().toList());
        Collections.shuffle(lines.subList(1, lines.size()), new Random(3));

        load(ONE_BATCH, "", String.join("\n", lines) + "\n");

        assertOrder("n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 1",
                "CREATE INDEX ON item USING hash (site)",
                "CREATE INDEX ON item (site) WHERE site > 0",
                "CREATE INDEX ON item ((site + 1), at)",
                "CREATE INDEX ON item (_load_id)",
                "ALTER TABLE item ADD COLUMN id bigserial PRIMARY KEY; CREATE INDEX ON item (site)",
                "CREATE INDEX ON item (site); CREATE UNIQUE INDEX ON item (n)",
                "ALTER TABLE item ADD UNIQUE (n), ADD COLUMN before int REFERENCES item (n)",
                "CREATE INDEX ON item (site); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS"
                        + " 'BEGIN RETURN NEW; END'; CREATE TRIGGER t BEFORE INSERT ON item FOR EACH ROW EXECUTE FUNCTION f()"
            })
    void rows_stay_as_they_come_without_an_index_and_where_their_order_may_matter(String sql) {
        createTable(sql);
        load(ONE_BATCH, "columns=n,site,at,word,price", file());

        assertOrder("n");
    }

    @Test
    void a_first_index_that_only_begins_with_the_id_of_the_load_gives_the_order_of_its_others() {
        createTable("CREATE INDEX ON item (_load_id, word, (site + 1), at)");

        load(ONE_BATCH, "", file());

        assertOrder("word, n");
    }

    @Test
    void a_partitioned_table_is_sorted_too() {
        database.execute(
                "CREATE TABLE item (n int, site int, at timestamptz, word text, price numeric) PARTITION BY RANGE (at)",
                "CREATE TABLE item_old PARTITION OF item FOR VALUES FROM (MINVALUE) TO (MAXVALUE)",
                "CREATE TABLE item_rest PARTITION OF item DEFAULT",
                "CREATE INDEX ON item (site, at)");

        load(ONE_BATCH, "", file());

        assertThat(database.rows("SELECT n FROM item_old ORDER BY ctid"))
                .isEqualTo(database.rows("SELECT n FROM item_old ORDER BY site, at, n"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"none|n", "price|price, n", "word, site|word, site, n"})
    void the_option_decides_whatever_indexes_there_are(String sort, String order) {
        createTable("CREATE INDEX ON item (at)");

        load(ONE_BATCH, "sort=" + sort, file());

        assertOrder(order);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sort=site,nowhere|sort= names the column nowhere, which public.item does not have; it has [n, site, at, word, price, _load_id, doc]",
                "sort=_load_id|sort= names the column _load_id of public.item, for which the rows have no value; leave it out",
                "sort=doc|sort= names the column doc of public.item, and rows cannot be sorted by a value of type jsonb; leave it out"
            })
    void a_column_that_is_no_use_is_told_in_one_line(String option, String message) {
        createTable("ALTER TABLE item ADD COLUMN doc jsonb");

        assertThat(failure(option + "&columns=n,site,at,word,price", file())).hasMessage(message);
        assertThat(database.count("item")).isZero();
    }

    @Test
    void a_table_that_takes_text_is_not_sorted_and_says_so_where_that_was_asked_for() {
        createTable("ALTER TABLE item ADD COLUMN ip inet", "CREATE INDEX ON item (site)");
        String file = HEADER.replace("n,", "ip,n,") + "::1,1,5,,,\n::1,2,3,,,\n";

        assertThat(failure("sort=site", file))
                .hasMessage(
                        "sort= cannot be kept for public.item: its column ip is of type inet, so that whole rows are left to the server to read; use sort=none");
        load(ONE_BATCH, "sort=auto", file);

        assertThat(stored()).containsExactly("1", "2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"site,", ",", "site,site", "auto,site,"})
    void an_option_that_is_no_list_stops_the_start(String option) {
        assertThatThrownBy(() -> Sort.parse(option))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(
                        "sort=%s: expected auto, none or columns of the table separated by commas, each once, found '"
                                .formatted(option));
    }

    @ParameterizedTest
    @ValueSource(strings = {"load", "batch"})
    void rejected_rows_of_a_sorted_batch_are_those_of_the_file(String publish) {
        createTable(
                "ALTER TABLE item ADD CONSTRAINT item_key PRIMARY KEY (n)",
                "ALTER TABLE item ADD CONSTRAINT cheap CHECK (price < 5000)",
                "INSERT INTO item VALUES (1500)");
        // The last row of the file has the first place in the index.
        StringBuilder file = new StringBuilder(HEADER);
        for (int n = ROWS; n > 0; n--) {
            String price = n == 3_333 || n == 77 ? "9000" : n % 1_000 == 0 ? "dear" : "1";
            int key = n == 2_222 ? 2_221 : n;
            file.append("%d,%d,2020-01-01,a%d,%s%n".formatted(key, n, n, price));
        }
        String text = file.toString().replace(System.lineSeparator(), "\n");

        LoadTotals totals = load(ONE_BATCH, "maxRejects=20&publish=" + publish, text);

        List<String> raw = text.lines().toList();
        List<String> expected = new ArrayList<>();
        for (int n : new int[] {4_000, 3_333, 3_000, 2_221, 2_000, 1_500, 1_000, 77}) {
            int row = ROWS - n + 1;
            String state = n % 1_000 == 0 ? "22P02" : n == 2_221 || n == 1_500 ? "23505" : "23514";
            expected.add(
                    "%d|%d|%s|%s".formatted(row, text.indexOf(raw.get(row)), raw.get(row), state));
        }
        assertThat(
                        database.rows(
                                "SELECT row_number, byte_offset, convert_from(raw, 'UTF8'), sqlstate"
                                        + " FROM citus_ingest.reject ORDER BY row_number"))
                .isEqualTo(expected);
        assertThat(totals.rowsCopied()).isEqualTo(ROWS - expected.size());
        assertThat(database.count("item")).isEqualTo(ROWS - expected.size() + 1L);
        assertThat(database.rows("SELECT word FROM item WHERE n = 2221")).containsExactly("a2222");
    }
}
