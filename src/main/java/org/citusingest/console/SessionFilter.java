package org.citusingest.console;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpSession;
import java.io.IOException;
import java.io.Serial;
import java.util.regex.Pattern;

/**
 * Lets nobody through who is not logged in, but to what the login is made of: the files of Hawtio
 * as they are published, in which nothing is of this application.
 */
final class SessionFilter extends HttpFilter {
    @Serial private static final long serialVersionUID = 1L;

    private static final Pattern FILES =
            Pattern.compile(
                    "/(favicon\\.ico|[a-z]+\\.worker\\.js|(img|static/js|static/media)/[^/]+)");

    /** What the browser shows as pages is one file, whose script then asks who is logged in. */
    private static final Pattern VIEWS =
            Pattern.compile("/|/(login|camel|jmx|help|preferences)(/.*)?");

    /** The attribute of a session whose user is logged in. */
    private static final String USER = "user";

    static boolean isLoggedIn(HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        return session != null && session.getAttribute(USER) != null;
    }

    /** Begins a session, which has nothing of one before. */
    static void logIn(HttpServletRequest request, String user) {
        logOut(request);
        request.getSession(true).setAttribute(USER, user);
    }

    static void logOut(HttpServletRequest request) {
        HttpSession session = request.getSession(false);
        if (session != null) {
            session.invalidate();
        }
    }

    @Override
    protected void doFilter(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        String path = request.getRequestURI().substring(Console.CONTEXT.length());
        if (VIEWS.matcher(path).matches()) {
            request.getRequestDispatcher("/index.html").forward(request, response);
        } else if (FILES.matcher(path).matches()
                || LoginServlet.PATHS.contains(path)
                || isLoggedIn(request)) {
            chain.doFilter(request, response);
        } else {
            response.setStatus(HttpServletResponse.SC_UNAUTHORIZED);
        }
    }
}
