package org.citusingest.cli;

import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.blob.sas.BlobContainerSasPermission;
import com.azure.storage.blob.sas.BlobServiceSasSignatureValues;
import com.azure.storage.queue.QueueClient;
import com.azure.storage.queue.QueueServiceClientBuilder;
import com.azure.storage.queue.sas.QueueSasPermission;
import com.azure.storage.queue.sas.QueueServiceSasSignatureValues;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import org.citusingest.demo.SampleData;

/** Commands for a shell that bring a blob into the storage of the demo, without a tool of Azure. */
final class DemoUpload {
    private static final String FILE = "mine.csv";
    private static final String BLOB = "http/" + FILE;
    private static final String QUEUE = "blob-events";

    private final String connectionString;
    private final BlobContainerClient container;
    private final OffsetDateTime until = OffsetDateTime.now(ZoneOffset.UTC).plusDays(1);

    DemoUpload(String connectionString) {
        this.connectionString = connectionString;
        container =
                new BlobServiceClientBuilder()
                        .connectionString(connectionString)
                        .buildClient()
                        .getBlobContainerClient(SampleData.LOGS);
    }

    /** Makes a file of two requests. */
    String file() {
        return """
        printf 'site_id,ingest_time,url,request_country,ip_address,status_code,response_time_msec\\n\
        4711,%1$s,/a,DE,10.0.0.1,200,12\\n4711,%1$s,/b,DE,10.0.0.2,500,30\\n' > %2$s\
        """
                .formatted(OffsetDateTime.now(ZoneOffset.UTC).toString(), FILE);
    }

    /** Uploads it. */
    String upload() {
        BlobContainerSasPermission upload =
                new BlobContainerSasPermission().setCreatePermission(true).setWritePermission(true);
        return "curl -X PUT -H 'x-ms-blob-type: BlockBlob' --data-binary @%s '%s/%s?%s'"
                .formatted(
                        FILE,
                        container.getBlobContainerUrl(),
                        BLOB,
                        container.generateSas(new BlobServiceSasSignatureValues(until, upload)));
    }

    /** Makes the queue of events. */
    void createQueue() {
        queue().createIfNotExists();
    }

    /** Says what Azure Event Grid would say of it, in the queue. */
    String event() {
        QueueClient queue = queue();
        String message =
                """
                {"eventType":"Microsoft.Storage.BlobCreated","eventTime":"%s","id":"1",\
                "topic":"/providers/Microsoft.Storage/storageAccounts/%s",\
                "subject":"/blobServices/default/containers/%s/blobs/%s","data":{"url":"%s/%4$s"}}\
                """
                        .formatted(
                                OffsetDateTime.now(ZoneOffset.UTC),
                                container.getAccountName(),
                                container.getBlobContainerName(),
                                BLOB,
                                container.getBlobContainerUrl());
        return "curl -d '<QueueMessage><MessageText>%s</MessageText></QueueMessage>' '%s/messages?%s'"
                .formatted(
                        message,
                        queue.getQueueUrl(),
                        queue.generateSas(
                                new QueueServiceSasSignatureValues(
                                        until, new QueueSasPermission().setAddPermission(true))));
    }

    private QueueClient queue() {
        return new QueueServiceClientBuilder()
                .connectionString(connectionString)
                .buildClient()
                .getQueueClient(QUEUE);
    }
}
