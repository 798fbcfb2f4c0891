package org.citusingest.citus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.Map;
import org.citusingest.citus.Given.What;
import org.citusingest.ledger.Claim;
import org.citusingest.ledger.Overwrite;
import org.citusingest.rows.Field;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GivenTest {
    private static Claim claim(String blob) {
        return new Claim(
                7,
                "p",
                "a",
                "shop",
                blob,
                "e",
                1,
                "o",
                1,
                1,
                Overwrite.append,
                null,
                Instant.parse("2026-11-25T01:02:03.000004Z"));
    }

    @Test
    void the_option_values_is_read() {
        assertThat(
                        MappingOptions.parseValues(
                                " region = eu ,note='a, ''b''', day={path.dt},origin={blob},empty='',brace='{x}'"))
                .isEqualTo(
                        Map.of(
                                "region", new Given(What.TEXT, "eu"),
                                "note", new Given(What.TEXT, "a, 'b'"),
                                "day", new Given(What.PATH, "dt"),
                                "origin", new Given(What.BLOB, ""),
                                "empty", new Given(What.TEXT, ""),
                                "brace", new Given(What.TEXT, "{x}")));
        assertThat(MappingOptions.parseValues(" ")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "region",
                "region=",
                "=eu",
                "a=1,,b=2",
                "a=1,",
                "a='open",
                "a='x'y",
                "a=1,a=2",
                "a={pfad.dt}",
                "a={}"
            })
    void what_makes_no_sense_is_refused_with_the_option(String option) {
        assertThatThrownBy(() -> MappingOptions.parseValues(option))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("values=");
    }

    @Test
    void each_has_its_value() {
        Claim claim = claim("orders/monday.csv");
        assertThat(new Given(What.LOAD_ID, "").of(claim).map(Field::toString)).contains("7");
        assertThat(new Given(What.BLOB, "").of(claim).map(Field::toString))
                .contains("shop/orders/monday.csv");
        assertThat(new Given(What.LOADED_AT, "").of(claim).map(Field::toString))
                .contains("2026-11-25 01:02:03.000004+00");
        assertThat(new Given(What.TEXT, "x").of(claim).map(Field::toString)).contains("x");
    }

    @ParameterizedTest
    @CsvSource({
        "dt=2026-01-01/a.csv, 2026-01-01",
        "x/country=DE/dt=2026%2F01/part-0.csv, 2026/01",
        "dt=a+b%20c/x, a+b c",
        "dt=100%/x, 100%",
        "dt=/x, ''"
    })
    void a_part_of_the_path_is_read_as_hive_writes_it(String blob, String value) {
        assertThat(new Given(What.PATH, "dt").of(claim(blob)).map(Field::toString)).contains(value);
    }

    @Test
    void what_hive_writes_for_null_is_null() {
        assertThat(new Given(What.PATH, "dt").of(claim("dt=__HIVE_DEFAULT_PARTITION__/a")))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.csv", "dt=2026.csv", "xdt=1/a.csv", "dt/a.csv"})
    void a_path_without_it_is_told(String blob) {
        assertThatThrownBy(() -> new Given(What.PATH, "dt").of(claim(blob)))
                .isInstanceOf(TableException.class)
                .hasMessageContaining("{path.dt}")
                .hasMessageContaining(blob);
    }
}
