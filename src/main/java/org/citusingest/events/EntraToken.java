package org.citusingest.events;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.text.ParseException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.camel.Message;

/**
 * An application of a tenant of Microsoft Entra ID, by the token that it brings: its signature, its
 * issuer, its audience, its dates and the application are looked at.
 *
 * @see <a href="https://learn.microsoft.com/azure/event-grid/secure-webhook-delivery">Secure
 *     WebHook delivery with Microsoft Entra ID</a>
 */
public final class EntraToken implements Sender {
    /** The application of Azure Event Grid itself, in the public cloud. */
    public static final String EVENT_GRID = "4962773b-9cdb-44cf-a8bf-237846a00ab7";

    /** Where the public cloud gives its tokens. */
    public static final String AUTHORITY = "https://login.microsoftonline.com";

    private static final String BEARER = "Bearer ";

    private final Set<String> issuers;
    private final String application;
    private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();

    /**
     * @param authority URL of the service that gives tokens
     * @param tenant id of the tenant
     * @param audience for whom the tokens are: the application id, or its URI
     * @param application id of the application that sends
     */
    public EntraToken(String authority, String tenant, String audience, String application) {
        // Those of version 1 and of version 2; which one comes is a setting of the application.
        issuers =
                Set.of(
                        "https://sts.windows.net/%s/".formatted(tenant),
                        "%s/%s/v2.0".formatted(authority, tenant));
        this.application = application;
        JWKSource<SecurityContext> keys =
                JWKSourceBuilder.create(
                                url("%s/%s/discovery/v2.0/keys".formatted(authority, tenant)))
                        .retrying(true)
                        .outageTolerant(true)
                        .build();
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(JWSAlgorithm.RS256, keys));
        processor.setJWTClaimsSetVerifier(
                new DefaultJWTClaimsVerifier<>(audience, null, Set.of("iss", "exp")));
    }

    private static URL url(String text) {
        try {
            return URI.create(text).toURL();
        } catch (MalformedURLException e) {
            throw new IllegalArgumentException(text + " is no URL", e);
        }
    }

    @Override
    public Optional<String> refusal(Message request) {
        if (!(request.getHeader("Authorization") instanceof String authorization)
                || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return Optional.of("it has no token");
        }
        try {
            return refusal(
                    processor.process(authorization.substring(BEARER.length()).trim(), null));
        } catch (KeySourceException e) {
            throw new UnprovenException("the keys of Microsoft Entra ID cannot be had", e);
        } catch (ParseException | BadJOSEException | JOSEException e) {
            return Optional.of("its token is not valid: " + e.getMessage());
        }
    }

    private Optional<String> refusal(JWTClaimsSet claims) {
        if (!issuers.contains(claims.getIssuer())) {
            return Optional.of("its token has another issuer than " + issuers);
        }
        // As version 2 names it, or else version 1.
        Map<String, Object> all = claims.getClaims();
        Object sender = all.containsKey("azp") ? all.get("azp") : all.get("appid");
        return application.equals(sender)
                ? Optional.empty()
                : Optional.of("its token is of another application than " + application);
    }
}
