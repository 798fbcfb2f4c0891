package org.citusingest.citus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.camel.builder.RouteBuilder;
import org.citusingest.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which field of a file goes to which column. */
class ColumnMappingTest {
    private static TestDatabase database;
    private static TestRoutes routes;
    private static int loads;

    @BeforeAll
    static void start() {
        database = TestDatabase.fresh();
        routes =
                TestRoutes.of(
                        database,
                        new RouteBuilder() {
                            @Override
                            public void configure() {
                                from("direct:item").routeId("item").toD("citus:${header.to}");
                            }
                        });
    }

    @AfterAll
    static void stop() {
        routes.close();
    }

    @ParameterizedTest
    @CsvSource({
        "airport_name,airport_name",
        "Airport Name,airport_name",
        "AIRPORT-NAME,airport_name",
        "' Airport (Name) ',airport_name",
        "Cost Total $,cost_total",
        "costTotal,costtotal",
        "2nd,2nd",
        "Straße,straße",
        "GRÖSSE,größse",
        "名前,名前"
    })
    void a_name_goes_to_the_column_that_it_means(String name, String column) {
        create("\"%s\" text, rest int".formatted(column.replace("größse", "grösse")));

        load("", name + ",rest\nx,1\n");

        assertThat(database.rows("SELECT * FROM item")).containsExactly("x|1");
    }

    @ParameterizedTest
    @CsvSource({"住所,名前", "#,%", "straße,strasse", "id,_load_id", "Load ID,_load_id"})
    void a_name_does_not_go_to_a_column_of_another_name(String name, String column) {
        create("\"%s\" text, rest int".formatted(column));

        assertThat(failure("", name + ",rest\nx,1\n"))
                .isInstanceOf(TableException.class)
                .hasMessageContaining("no column for '" + name + "'");
    }

    @Test
    void the_exact_name_wins_over_the_normalized_one() {
        create("\"Airport Name\" text, airport_name text");

        load("", "airport_name,Airport Name\nlow,high\n");

        assertThat(database.rows("SELECT airport_name, \"Airport Name\" FROM item"))
                .containsExactly("low|high");
    }

    @Test
    void unknown_and_missing_columns_are_named_beside_both_lists() {
        create("id int, word text, price int");

        assertThat(failure("", "id,Wort,Preis\n1,a,2\n"))
                .isInstanceOf(TableException.class)
                .hasMessage(
                        "The columns of the source do not fit the table public.item: no column for 'Wort',"
                                + " 'Preis', nothing for 'word', 'price'. The source has [id, Wort, Preis], the table"
                                + " has [id, word, price]. Say what goes where with the option columns, such as"
                                + " columns=a=Name,b for the column a from Name and b from b; what it does not list is"
                                + " left out; or let onNewColumn and onMissingColumn pass over it");
        assertThat(failure("", "id,word\n1,a\n"))
                .hasMessageContaining("item: nothing for 'price'. The source");
        assertThat(failure("", "id,word,price,x\n1,a,1,1\n"))
                .hasMessageContaining("item: no column for 'x'. The source");
    }

    @Test
    void two_names_for_one_column_are_refused() {
        create("airport_name text");

        assertThat(failure("", "Airport Name,airport-name\na,b\n"))
                .hasMessageContaining(
                        "Two columns of the source go to the column airport_name of public.item");
    }

    @Test
    void the_option_renames_and_leaves_out() {
        create("id int, word text, price int");

        load("?columns=word=Wort,id", "id,Preis,Wort\n1,2,a\n");

        assertThat(database.rows("SELECT * FROM item")).containsExactly("1|a|null");
    }

    @Test
    void the_option_places_the_fields_of_rows_without_names() {
        create("id int, word text, price int");

        load("?columns=price,word,id", List.of(List.of(3, "a", 1), List.of(4, "b", 2)));

        assertThat(database.rows("SELECT * FROM item")).containsExactly("1|a|3", "2|b|4");
    }

    @Test
    void rows_without_names_are_not_placed_by_accident() {
        create("id int, word text");

        assertThat(failure("", List.of(List.of(1, "a"))))
                .hasMessageContaining("The rows have no column names");
    }

    @Test
    void the_option_must_name_columns_that_both_sides_have() {
        create("id int, word text");

        assertThat(failure("?columns=id,wort=word", "id,word\n1,a\n"))
                .hasMessage(
                        "columns= names the column wort, which public.item does not have; it has [id, word]");
        assertThat(failure("?columns=id,word=Wort", "id,word\n1,a\n"))
                .hasMessage(
                        "columns= takes word from 'Wort', which the source does not have; it has [id, word]");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"a,,b | found ''", "a=,b | found 'a='", "a,a=x | the column a is there twice"})
    void a_wrong_option_stops_the_start(String option, String reason) {
        assertThatThrownBy(
                        () ->
                                routes.context()
                                        .getEndpoint("citus:item?columns=RAW(" + option + ")"))
                .rootCause()
                .hasMessageContaining(reason);
    }

    @Test
    void columns_with_a_default_or_an_identity_may_be_missing_and_generated_ones_are_no_columns() {
        create(
                "id int GENERATED ALWAYS AS IDENTITY, word text, made date DEFAULT '2020-01-01', number serial,"
                        + " length int GENERATED ALWAYS AS (length(word)) STORED");

        load("", "word\nabc\n");

        assertThat(database.rows("SELECT * FROM item")).containsExactly("1|abc|2020-01-01|1|3");
    }

    @Test
    void load_id_is_filled_with_the_id_of_the_load() {
        create("_load_id bigint, id int");

        LoadTotals totals = load("", "id\n7\n8\n");
        LoadTotals named = load("?columns=id=number", "number\n9\n");

        assertThat(database.rows("SELECT * FROM item"))
                .containsExactly(
                        totals.loadId() + "|7", totals.loadId() + "|8", named.loadId() + "|9");
    }

    @Test
    void maps_are_placed_by_their_keys() {
        create("id int, word text");
        List<Map<String, Object>> rows = new ArrayList<>();
        for (int i = 1; i <= 3; i++) {
            Map<String, Object> row = new LinkedHashMap<>();
            row.put("Word", i == 2 ? null : "w" + i);
            row.put("ID", i);
            rows.add(row);
        }

        load("", rows);

        assertThat(database.rows("SELECT * FROM item")).containsExactly("1|w1", "2|null", "3|w3");
    }

    @Test
    void a_table_that_changed_fits_again_after_the_first_failure() throws SQLException {
        create("id int, word text");
        load("", "id,word\n1,a\n");
        database.execute("ALTER TABLE item DROP COLUMN word");
        failure("", "id,word\n2,b\n");

        load("", "id\n3\n");
        database.execute("ALTER TABLE item ADD word text");
        load("", "id,word\n4,d\n");

        assertThat(database.rows("SELECT * FROM item")).containsExactly("1|null", "3|null", "4|d");
        try (Connection connection = database.dataSource().getConnection()) {
            assertThat(Table.read(connection, "item").names()).containsExactly("id", "word");
        }
    }

    private static void create(String columns) {
        database.execute("DROP TABLE IF EXISTS item", "CREATE TABLE item (" + columns + ")");
        // Another test may have left its table's description behind.
        routes.context().getEndpointRegistry().clear();
    }

    private static LoadTotals load(String options, Object body) {
        LoadTotals totals = routes.load("direct:item", "key " + ++loads, body, to(options));
        assertThat(totals.alreadyLoaded()).isFalse();
        return totals;
    }

    private static Exception failure(String options, Object body) {
        return routes.failure("direct:item", "key " + ++loads, body, to(options));
    }

    private static Map<String, Object> to(String options) {
        return Map.of("to", "item" + options);
    }
}
