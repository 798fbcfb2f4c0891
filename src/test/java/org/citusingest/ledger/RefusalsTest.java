package org.citusingest.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.citusingest.TestDatabase;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which texts the input function of a type refuses. */
class RefusalsTest {
    private final TestDatabase database = TestDatabase.fresh();

    @BeforeEach
    void install() {
        new Ledger(database.dataSource()).install();
        database.execute(
                "CREATE DOMAIN positive AS int CHECK (value > 0)",
                "CREATE TYPE mood AS ENUM ('good', 'bad')",
                "CREATE TYPE pair AS (a int, b text)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            nullValues = "null",
            value = {
                "int4 ; -1 ; 12 ; 2|22P02|invalid input syntax for type integer: \"bad\"",
                "varchar ; 7 ; ab ; null",
                "varchar ; 6 ; ab ; 2|22001|value too long for type character varying(2)",
                "numeric ; 196612 ; 1 ; 2|22P02|invalid input syntax for type numeric: \"bad\"",
                "timestamptz ; -1 ; now ; 2|22007|invalid input syntax for type timestamp with time zone: \"bad\"",
                "jsonb ; -1 ; {} ; 2|22P02|invalid input syntax for type json",
                "positive ; -1 ; 1 ; 2|22P02|invalid input syntax for type integer: \"bad\"",
                "mood ; -1 ; good ; null",
                "int4[] ; -1 ; {1,2} ; 2|22P02|malformed array literal: \"bad\"",
                "pair ; -1 ; (1,x) ; 2|22P02|malformed record literal: \"bad\"",
                "uuid ; -1 ; 7e2e0d8e-6b1c-4b62-8c43-3b1b1b1b1b1b ; 2|22P02|invalid input syntax for type uuid: \"bad\""
            })
    void a_bad_text_is_told_by_position_state_and_reason(
            String type, int modifier, String good, String refused) {
        assertThat(refusals(type, modifier, "ARRAY['%s', 'bad', NULL]".formatted(good)))
                .isEqualTo(refused == null ? java.util.List.of() : java.util.List.of(refused));
    }

    @Test
    void the_check_of_a_domain_and_the_range_of_a_number_count() {
        assertThat(refusals("positive", -1, "ARRAY['1', '-1']"))
                .containsExactly(
                        "2|23514|value for domain positive violates check constraint \"positive_check\"");
        assertThat(refusals("int4", -1, "ARRAY['99999999999']"))
                .containsExactly("1|22003|value \"99999999999\" is out of range for type integer");
        assertThat(refusals("int4", -1, "'{}'")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "pg_sleep | no rows",
                "int4in(textout('1')); DROP TABLE citus_ingest.load; -- | ",
                "nothing | \"nothing\" does not exist"
            })
    void only_the_name_of_an_input_function_is_taken(String function, String error) {
        assertThatThrownBy(
                        () ->
                                database.rows(
                                        "SELECT * FROM citus_ingest.refusals($$%s$$, 0, -1, '{1}')"
                                                .formatted(function)))
                .hasMessageContaining(error == null ? "" : error);
        assertThat(database.count("citus_ingest.load")).isZero();
    }

    private java.util.List<String> refusals(String type, int modifier, String texts) {
        return database.rows(
                """
                SELECT refused.* FROM pg_type, citus_ingest.refusals(
                    typinput::regproc::text, CASE typelem WHEN 0 THEN pg_type.oid ELSE typelem END, %d, %s) AS refused
                WHERE pg_type.oid = '%s'::regtype
                """
                        .formatted(modifier, texts, type));
    }
}
