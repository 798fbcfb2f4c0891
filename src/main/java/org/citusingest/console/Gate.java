package org.citusingest.console;

import java.util.Set;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Stands before everything that the console serves: what is no plain request of its own pages is
 * refused, whether or not it has a session.
 */
final class Gate extends Handler.Wrapper {
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST");

    /** No encoded characters, no parameters, no empty segment and none of dots alone. */
    private static final Pattern PLAIN_PATH = Pattern.compile("(/(?!\\.*(/|$))[A-Za-z0-9._-]+)*/?");

    private static final Pattern LOOPBACK =
            Pattern.compile("localhost|127(\\.[0-9]{1,3}){3}|\\[::1]");

    private static final Set<String> OTHER_SITES = Set.of("cross-site", "same-site");

    private final boolean onlyLoopback;

    /**
     * @param onlyLoopback whether it is reached by a name of this machine alone: then any other
     *     host is one that somebody made point here
     */
    Gate(boolean onlyLoopback, Handler inside) {
        super(inside);
        this.onlyLoopback = onlyLoopback;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        HttpURI uri = request.getHttpURI();
        String path = uri.getPath() == null ? "" : uri.getPath();
        addHeaders(response.getHeaders(), path.startsWith(Console.CONTEXT + "/static/"));
        if (onlyLoopback && (uri.getHost() == null || !LOOPBACK.matcher(uri.getHost()).matches())) {
            return refuse(HttpStatus.MISDIRECTED_REQUEST_421, response, callback);
        }
        if (!METHODS.contains(request.getMethod())) {
            return refuse(HttpStatus.METHOD_NOT_ALLOWED_405, response, callback);
        }
        if (isOfAnotherSite(request, uri)) {
            return refuse(HttpStatus.FORBIDDEN_403, response, callback);
        }
        if (!PLAIN_PATH.matcher(path).matches()) {
            return refuse(HttpStatus.NOT_FOUND_404, response, callback);
        }
        if (path.equals("/") || path.equals(Console.CONTEXT)) {
            Response.sendRedirect(request, response, callback, Console.CONTEXT + "/");
            return true;
        }
        return super.handle(request, response, callback);
    }

    private static boolean isOfAnotherSite(Request request, HttpURI uri) {
        HttpFields headers = request.getHeaders();
        String origin = headers.get(HttpHeader.ORIGIN);
        if (origin != null
                && !origin.equals("http://" + uri.getAuthority())
                && !origin.equals("https://" + uri.getAuthority())) {
            return true;
        }
        boolean followedLink =
                request.getMethod().equals("GET")
                        && "navigate".equals(headers.get("Sec-Fetch-Mode"));
        String site = headers.get("Sec-Fetch-Site");
        return site != null && OTHER_SITES.contains(site) && !followedLink;
    }

    private static void addHeaders(HttpFields.Mutable headers, boolean neverChanges) {
        headers.put(
                new HttpField(
                        "Content-Security-Policy",
                        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:;"
                                + " worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self';"
                                + " frame-ancestors 'none'"));
        headers.put("X-Content-Type-Options", "nosniff");
        headers.put("X-Frame-Options", "DENY");
        headers.put("Referrer-Policy", "no-referrer");
        headers.put("Cross-Origin-Resource-Policy", "same-origin");
        headers.put("Cross-Origin-Opener-Policy", "same-origin");
        headers.put(HttpHeader.CACHE_CONTROL, neverChanges ? "private, max-age=86400" : "no-store");
    }

    private static boolean refuse(int status, Response response, Callback callback) {
        response.setStatus(status);
        callback.succeeded();
        return true;
    }
}
