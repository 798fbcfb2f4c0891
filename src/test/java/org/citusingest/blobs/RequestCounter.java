package org.citusingest.blobs;

import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpMethod;
import com.azure.core.http.HttpPipelineCallContext;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.policy.HttpPipelineSyncPolicy;
import com.azure.storage.blob.BlobServiceClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.common.policy.RequestRetryOptions;
import com.azure.storage.common.policy.RetryPolicyType;
import java.net.MalformedURLException;
import java.net.URL;
import java.util.concurrent.atomic.AtomicInteger;
import org.citusingest.TestAzurite;

/** Counts the requests of a client of its own by what they ask for, and can spoil some. */
final class RequestCounter extends HttpPipelineSyncPolicy {
    final AtomicInteger listings = new AtomicInteger();
    final AtomicInteger blobReads = new AtomicInteger();
    final AtomicInteger others = new AtomicInteger();

    /** What becomes of the requests that read blobs. */
    volatile Reads reads = Reads.ANSWERED;

    enum Reads {
        ANSWERED,
        /** Their signature is wrong, as after a change of the key. */
        REFUSED,
        /** Nobody listens where they go. */
        UNREACHABLE
    }

    /** A client that counts here, and tries again once after a moment. */
    BlobServiceClient client() {
        return new BlobServiceClientBuilder()
                .connectionString(TestAzurite.connectionString())
                .retryOptions(
                        new RequestRetryOptions(
                                RetryPolicyType.FIXED, 2, (Integer) null, 1L, 1L, null))
                .addPolicy(this)
                .buildClient();
    }

    @Override
    protected void beforeSendingRequest(HttpPipelineCallContext context) {
        HttpRequest request = context.getHttpRequest();
        String query = request.getUrl().getQuery();
        if (query != null && query.contains("comp=list")) {
            listings.incrementAndGet();
        } else if (request.getHttpMethod() == HttpMethod.GET
                || request.getHttpMethod() == HttpMethod.HEAD) {
            blobReads.incrementAndGet();
            spoil(request);
        } else {
            others.incrementAndGet();
        }
    }

    private void spoil(HttpRequest request) {
        switch (reads) {
            case ANSWERED -> {}
            case REFUSED ->
                    request.setHeader(
                            HttpHeaderName.AUTHORIZATION, "SharedKey devstoreaccount1:AAAA");
            case UNREACHABLE -> {
                try {
                    URL url = request.getUrl();
                    request.setUrl(new URL(url.getProtocol(), url.getHost(), 1, url.getFile()));
                } catch (MalformedURLException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
    }
}
