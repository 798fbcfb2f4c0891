package org.citusingest.blobs;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {
    @ParameterizedTest(name = "{0} takes {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "*.csv|a.csv",
                "*.csv|.csv",
                "**|a/b/c",
                "**.csv|a/b/c.csv",
                "**.csv|c.csv",
                "http/**.csv*|http/2026/11/part.csv.gz",
                "http/**.csv*|http/part.csv",
                "a/**/b|a/b",
                "a/**/b|a/x/b",
                "a/**/b|a/x/y/b",
                "**/b|b",
                "**/b|x/b",
                "a/**|a/",
                "?.csv|ü.csv",
                "a+b(1).csv|a+b(1).csv",
                "[x].csv|[x].csv",
                "{a}.csv|{a}.csv",
                "a\\Eb|a\\Eb",
                "100%.csv|100%.csv",
                "'a b'|'a b'",
                "*.CSV , *.csv|a.csv",
                "../*|../a",
            })
    void takes_a_name(String glob, String name) {
        assertThat(Glob.of(glob).matches(name)).isTrue();
    }

    @ParameterizedTest(name = "{0} leaves {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "*.csv|a/b.csv",
                "*.csv|a.CSV",
                "*.csv|a.csv.gz",
                "*.csv|axcsv",
                "http/**.csv*|https/a.csv",
                "http/**.csv*|x/http/a.csv",
                "a/**/b|ab",
                "a/**/b|a/xb",
                "a/**/b|x/a/b",
                "?.csv|ab.csv",
                "a?b|a/b",
                "[ab].csv|a.csv",
                "{a,b}|a",
                "a|",
            })
    void leaves_a_name(String glob, String name) {
        assertThat(Glob.of(glob).matches(name == null ? "" : name)).isFalse();
    }

    @Test
    void a_line_break_in_a_name_is_a_character_like_any_other() {
        assertThat(Glob.of("*.csv").matches("two\nlines.csv")).isTrue();
        assertThat(Glob.of("a?b").matches("a\nb")).isTrue();
        assertThat(Glob.of("*.csv").matches("a.csv\n")).isFalse();
    }

    @Test
    void a_question_mark_is_one_character_even_beyond_the_basic_plane() {
        assertThat(Glob.of("?.csv").matches("🚀.csv")).isTrue();
        assertThat(Glob.of("??.csv").matches("🚀.csv")).isFalse();
        assertThat(Glob.of("🚀*.csv").matches("🚀1.csv")).isTrue();
    }

    @Test
    void no_pattern_is_empty_and_takes_nothing() {
        for (String text : new String[] {null, "", " ", ",", " , "}) {
            assertThat(Glob.of(text).isEmpty()).isTrue();
            assertThat(Glob.of(text).matches("a")).isFalse();
            assertThat(Glob.of(text).prefix()).isEmpty();
        }
    }

    @ParameterizedTest(name = "{0} begins with {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "http/**.csv*|http/",
                "http/2026-11-*/x.csv|http/2026-11-",
                "a.csv|a.csv",
                "http/a*,http/b*|http/",
                "logs/2025/*.csv , logs/2026/*.csv|logs/202",
                "a*,b*|''",
                "**.csv|''",
                "?a|''",
                "a?b|a",
                "🚀.csv,🚁.csv|''",
            })
    void the_prefix_is_what_all_patterns_begin_with(String glob, String prefix) {
        assertThat(Glob.of(glob).prefix()).isEqualTo(prefix.equals("''") ? "" : prefix);
    }

    @Test
    void a_name_of_1024_characters_made_to_be_slow_is_decided_in_no_time() {
        Glob glob = Glob.of("**a*a*a*a*b");

        Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(20), () -> assertThat(glob.matches("a".repeat(1024))).isFalse());
    }
}
