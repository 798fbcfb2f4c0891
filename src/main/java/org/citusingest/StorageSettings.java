package org.citusingest;

import com.azure.core.client.traits.AzureNamedKeyCredentialTrait;
import com.azure.core.client.traits.AzureSasCredentialTrait;
import com.azure.core.client.traits.ConnectionStringTrait;
import com.azure.core.client.traits.EndpointTrait;
import com.azure.core.client.traits.TokenCredentialTrait;
import com.azure.core.credential.AzureNamedKeyCredential;
import com.azure.core.credential.AzureSasCredential;
import com.azure.core.credential.TokenCredential;
import com.azure.identity.DefaultAzureCredentialBuilder;
import com.azure.storage.blob.BlobServiceClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.queue.QueueServiceClient;
import com.azure.storage.queue.QueueServiceClientBuilder;
import java.util.Base64;

/** The storage account, and how it is proven who asks it. */
final class StorageSettings {
    private final Settings settings;

    StorageSettings(Settings settings) {
        this.settings = settings;
    }

    /** The client of its blobs; it connects to nothing yet. */
    BlobServiceClient blobs() {
        return configure(new BlobServiceClientBuilder(), "storage.endpoint", "blob").buildClient();
    }

    /**
     * The client of its queues; it connects to nothing yet. It leaves messages as they are: Event
     * Grid writes base64, but one message that is none would stop a client that expects it.
     */
    QueueServiceClient queues() {
        return configure(new QueueServiceClientBuilder(), "storage.queue-endpoint", "queue")
                .buildClient();
    }

    private <
                    B extends
                            ConnectionStringTrait<B> & EndpointTrait<B> & TokenCredentialTrait<B>
                                    & AzureNamedKeyCredentialTrait<B> & AzureSasCredentialTrait<B>>
            B configure(B builder, String endpoint, String service) {
        String connectionString = settings.optional("storage.connection-string", null);
        if (connectionString != null) {
            try {
                return builder.connectionString(connectionString);
            } catch (RuntimeException e) {
                // The message of the cause may repeat the key.
                throw new SettingsException(
                        "storage.connection-string (AZURE_STORAGE_CONNECTION_STRING) is not understood: copy it from"
                                + " the storage account's access keys as it stands");
            }
        }
        String account = settings.optional("storage.account", null);
        if (account == null) {
            throw new SettingsException(
                    "No storage account is set: set AZURE_STORAGE_ACCOUNT (managed identity by default) or"
                            + " AZURE_STORAGE_CONNECTION_STRING");
        }
        if (!account.matches("[a-z0-9]{3,24}")) {
            throw new SettingsException(
                    "storage.account (AZURE_STORAGE_ACCOUNT) is '%s'; an account's name has 3 to 24 lower-case letters and digits"
                            .formatted(account));
        }
        return credential(
                builder.endpoint(
                        settings.optional(
                                endpoint,
                                "https://%s.%s.core.windows.net".formatted(account, service))),
                account);
    }

    private <
                    B extends
                            TokenCredentialTrait<B> & AzureNamedKeyCredentialTrait<B>
                                    & AzureSasCredentialTrait<B>>
            B credential(B builder, String account) {
        String type = settings.optional("storage.credential", "managed-identity");
        return switch (type) {
            case "managed-identity" -> builder.credential(identity());
            case "shared-key" ->
                    builder.credential(new AzureNamedKeyCredential(account, accountKey()));
            case "sas" ->
                    builder.credential(
                            new AzureSasCredential(
                                    settings.required(
                                            "storage.sas",
                                            "AZURE_STORAGE_SAS",
                                            "a shared access signature with read and list")));
            default ->
                    throw new SettingsException(
                            "storage.credential (AZURE_STORAGE_CREDENTIAL) is '%s'; it must be managed-identity, shared-key or sas"
                                    .formatted(type));
        };
    }

    /**
     * Managed or workload identity in Azure; on a desk, whoever is logged in with the Azure tools.
     */
    private static TokenCredential identity() {
        return new DefaultAzureCredentialBuilder().build();
    }

    private String accountKey() {
        String key =
                settings.required("storage.key", "AZURE_STORAGE_KEY", "the key of the account");
        try {
            Base64.getDecoder().decode(key);
            return key;
        } catch (IllegalArgumentException e) {
            throw new SettingsException(
                    "storage.key (AZURE_STORAGE_KEY) is not a key: copy it from the storage account's access keys as it stands");
        }
    }
}
