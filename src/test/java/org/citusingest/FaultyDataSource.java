package org.citusingest;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** A data source whose connections do something else than asked where a fault says so. */
public final class FaultyDataSource {
    /** What happens in place of a call. */
    @FunctionalInterface
    public interface Fault {
        /**
         * Called before each method of a connection.
         *
         * @param method the name of the method
         * @param sql its first argument, where that is a text; else empty
         * @param connection the real connection
         * @throws SQLException what the caller is to see instead of a result
         */
        void before(String method, String sql, Connection connection) throws SQLException;
    }

    private FaultyDataSource() {}

    /** The data source with this fault. */
    public static DataSource of(DataSource real, Fault fault) {
        return proxy(
                DataSource.class,
                (method, arguments) -> {
                    Object result = method.invoke(real, arguments);
                    return result instanceof Connection connection
                            ? faulty(connection, fault)
                            : result;
                });
    }

    private static Connection faulty(Connection real, Fault fault) {
        return proxy(
                Connection.class,
                (method, arguments) -> {
                    String sql =
                            arguments != null && arguments[0] instanceof String text ? text : "";
                    fault.before(method.getName(), sql, real);
                    return method.invoke(real, arguments);
                });
    }

    private interface Call {
        Object of(java.lang.reflect.Method method, Object[] arguments) throws Throwable;
    }

    private static <T> T proxy(Class<T> type, Call call) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (self, method, arguments) -> {
                            try {
                                return call.of(method, arguments);
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        }));
    }
}
