package org.citusingest.citus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.SQLException;
import org.apache.camel.builder.RouteBuilder;
import org.citusingest.TestDatabase;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

/** The tables that can be named, and what is said of those that cannot. */
class TableTest {
    private static TestDatabase database;

    @BeforeAll
    static void createTables() {
        database = TestDatabase.fresh();
        database.execute(
                "CREATE TABLE item (id int)",
                "CREATE VIEW item_view AS SELECT * FROM item",
                "CREATE MATERIALIZED VIEW item_copy AS SELECT * FROM item",
                "CREATE SEQUENCE item_numbers",
                "CREATE INDEX item_index ON item (id)",
                "CREATE TABLE parted (id int) PARTITION BY RANGE (id)",
                "CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (100)",
                "CREATE SCHEMA other",
                "CREATE TABLE other.item (id int)",
                "CREATE TABLE \"Weird \"\"Table\"\"\" (\"odd \"\"id\"\"\" int)",
                "CREATE TABLE other.\"a.b; DROP TABLE item\" (id int)",
                "CREATE TABLE \"Größe\" (id int)",
                "CREATE ROLE reader LOGIN",
                "GRANT CREATE ON DATABASE %s TO reader"
                        .formatted(database.ask("SELECT current_database()")),
                "GRANT SELECT ON item TO reader");
    }

    @AfterAll
    static void dropRole() {
        database.execute("DROP OWNED BY reader", "DROP ROLE reader");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "item | item | id",
                "public.item | item | id",
                "other.item | other.item | id",
                "parted | parted | id",
                "Größe | \"Größe\" | id",
                "Weird \"Table\" | \"Weird \"\"Table\"\"\" | \"odd \"\"id\"\"\"",
                "other.a.b; DROP TABLE item | other.\"a.b; DROP TABLE item\" | id"
            })
    void a_table_is_named_as_the_catalog_has_it(String name, String sql, String column) {
        database.execute("TRUNCATE " + sql);
        try (TestRoutes routes = TestRoutes.of(database, route(name))) {
            routes.load("direct:rows", name, column + "\n7\n");
        }
        assertThat(database.rows("SELECT * FROM " + sql)).containsExactly("7");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"itme", "Item", "other.itme", "nowhere.item", "item ", "public.public.item"})
    void a_table_that_is_not_there_is_told_with_those_that_are(String name) {
        assertThatThrownBy(() -> read(name))
                .isInstanceOf(TableException.class)
                .hasMessageStartingWith("There is no table " + name + " in the database test_")
                .hasMessageContaining(
                        "; it has: Größe, Weird \"Table\", item, parted, parted_1. Create")
                .hasMessageEndingWith("or name another in citus:" + name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"item_view", "item_copy", "item_numbers", "item_index"})
    void what_is_not_a_table_takes_no_rows(String name) {
        assertThatThrownBy(() -> read(name))
                .isInstanceOf(TableException.class)
                .hasMessage(name + " is not a table; name a table in citus:" + name);
    }

    @Test
    void a_role_that_may_not_insert_is_told_the_grant_that_it_lacks() {
        PGSimpleDataSource reader = as("reader");
        try (TestRoutes routes = TestRoutes.of(reader, route("item"))) {
            assertThat(routes.failure("direct:rows", "grant", "id\n1\n"))
                    .isInstanceOf(TableException.class)
                    .hasMessage(
                            "The role reader may not insert into item; run: GRANT INSERT ON \"item\" TO \"reader\"");
            database.execute("GRANT INSERT ON item TO reader", "TRUNCATE item");

            assertThat(routes.load("direct:rows", "grant", "id\n1\n").rowsCopied()).isOne();
        }
    }

    private static PGSimpleDataSource as(String user) {
        PGSimpleDataSource shared = (PGSimpleDataSource) database.dataSource();
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(shared.getServerNames());
        source.setPortNumbers(shared.getPortNumbers());
        source.setDatabaseName(shared.getDatabaseName());
        source.setUser(user);
        return source;
    }

    private static Table read(String name) throws SQLException {
        try (Connection connection = database.dataSource().getConnection()) {
            return Table.read(connection, name);
        }
    }

    private static RouteBuilder route(String table) {
        return new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:rows").routeId("rows").to("citus:" + table);
            }
        };
    }
}
