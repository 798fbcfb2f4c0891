package org.citusingest.blobs;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/** Counts the statements that are run through a data source. */
final class CountingDatabase {
    final AtomicInteger statements = new AtomicInteger();
    private final DataSource database;

    CountingDatabase(DataSource database) {
        this.database = database;
    }

    DataSource dataSource() {
        return counted(DataSource.class, database);
    }

    private <T> T counted(Class<T> type, T target) {
        InvocationHandler handler =
                (proxy, method, arguments) -> {
                    if (target instanceof Statement && method.getName().startsWith("execute")) {
                        statements.incrementAndGet();
                    }
                    try {
                        Object answer = method.invoke(target, arguments);
                        if (answer instanceof PreparedStatement prepared) {
                            return counted(PreparedStatement.class, prepared);
                        }
                        if (answer instanceof Statement statement) {
                            return counted(Statement.class, statement);
                        }
                        return answer instanceof Connection connection
                                ? counted(Connection.class, connection)
                                : answer;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                };
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
