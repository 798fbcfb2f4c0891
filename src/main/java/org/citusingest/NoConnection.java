package org.citusingest;

import com.zaxxer.hikari.HikariDataSource;
import java.io.FileNotFoundException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.sql.SQLException;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.citusingest.ledger.Failure;
import org.postgresql.util.GT;

/** Why there is no connection to the database, and what to do about it. */
final class NoConnection {
    // Strongly held, or the level would go with it.
    private static final Logger OF_DRIVER = Logger.getLogger("org.postgresql");

    private NoConnection() {}

    /**
     * The driver's own log says again, at each attempt, what is said here, and repeats the whole of
     * a URL that it does not understand.
     */
    static void silenceDriver() {
        OF_DRIVER.setLevel(Level.OFF);
    }

    /** In one line, without the password. */
    static String message(HikariDataSource dataSource, SQLException error) {
        SQLException reason = error;
        while (reason.getCause() instanceof SQLException cause) {
            reason = cause;
        }
        return "No connection to %s: %s; %s"
                .formatted(
                        server(dataSource),
                        Failure.oneLine(reason).replaceFirst("\\.$", ""),
                        advice(reason));
    }

    /** The URL without its options, one of which may be a password. */
    static String server(HikariDataSource dataSource) {
        return dataSource.getJdbcUrl().replaceAll("(?s)\\?.*", "");
    }

    private static String advice(SQLException reason) {
        if (hasCause(reason, CertificateExpiredException.class)
                || hasCause(reason, CertificateNotYetValidException.class)) {
            return "the certificate of the server is not valid at this time: renew it, or set the clock";
        }
        if (hasCause(reason, CertPathBuilderException.class)) {
            return "no authority that is trusted here has signed the certificate of the server: name the file of the one"
                    + " that did as sslrootcert in CITUS_URL";
        }
        if (hasCause(reason, FileNotFoundException.class)) {
            return "name the file of the authority that signed the certificate of the server as sslrootcert in CITUS_URL";
        }
        // The driver tells these two apart by their text alone, in the language of the JVM.
        String text = String.valueOf(reason.getMessage());
        if (text.contains("PgjdbcHostnameVerifier")) {
            return "the certificate of the server is of another host: name in CITUS_URL one of those that it is of, or renew it"
                    + " for this one";
        }
        if (text.equals(GT.tr("The server does not support SSL."))) {
            return "nothing was sent to it: switch ssl on there, or mend sslmode in CITUS_URL";
        }
        return "look at CITUS_URL, CITUS_USER and CITUS_PASSWORD";
    }

    private static boolean hasCause(Throwable error, Class<? extends Throwable> wanted) {
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (wanted.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }
}
