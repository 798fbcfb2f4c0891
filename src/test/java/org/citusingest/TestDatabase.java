package org.citusingest;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** A database that a test fills and looks into by SQL, on connections of its own. */
public record TestDatabase(DataSource dataSource) {
    /** A new, empty database of the PostgreSQL that all tests share. */
    public static TestDatabase fresh() {
        return new TestDatabase(TestPostgres.freshDatabase());
    }

    /** The same database, seen by another role, with the search path that this one has. */
    public TestDatabase as(String role) {
        PGSimpleDataSource server = (PGSimpleDataSource) dataSource;
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(server.getURL());
        source.setUser(role);
        return new TestDatabase(source);
    }

    /** Runs the statements, one after the other. */
    public void execute(String... statements) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new AssertionError(e.getMessage(), e);
        }
    }

    /** The first column of the first row. */
    public String ask(String query) {
        return rows(query).get(0);
    }

    public long count(String table) {
        return Long.parseLong(ask("SELECT count(*) FROM " + table));
    }

    /** All rows, the values of each between bars. */
    public List<String> rows(String query) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            List<String> rows = new ArrayList<>();
            while (row.next()) {
                StringBuilder line = new StringBuilder(String.valueOf(row.getString(1)));
                for (int i = 2; i <= row.getMetaData().getColumnCount(); i++) {
                    line.append('|').append(row.getString(i));
                }
                rows.add(line.toString());
            }
            return rows;
        } catch (SQLException e) {
            throw new AssertionError(e.getMessage(), e);
        }
    }

    /** How many rows are in the one table and not, or not as often, in the other. */
    public long differences(String one, String other) {
        return Long.parseLong(
                ask(
                        """
                        SELECT count(*) FROM (
                            (TABLE %1$s EXCEPT ALL TABLE %2$s) UNION ALL (TABLE %2$s EXCEPT ALL TABLE %1$s)
                        ) AS difference
                        """
                                .formatted(one, other)));
    }
}
