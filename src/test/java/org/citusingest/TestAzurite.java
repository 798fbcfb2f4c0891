package org.citusingest;

import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import java.nio.file.Path;
import java.util.UUID;
import org.citusingest.demo.Azurite;

/** One Azurite for all tests of a JVM, installed in target/azurite and started at first use. */
public final class TestAzurite {
    /** The folder that npm installs Azurite in. */
    public static final Path INSTALL = Path.of("target", "azurite");

    private TestAzurite() {}

    private static final class Shared {
        /** Its own folder, so that two runs at a time do not write one another's files. */
        static final Path DATA =
                Path.of("target", "azurite-data", String.valueOf(ProcessHandle.current().pid()));

        /** Ends with the JVM. */
        static final Azurite AZURITE = Azurite.start(INSTALL, DATA);

        static final BlobServiceClient CLIENT =
                new BlobServiceClientBuilder()
                        .connectionString(AZURITE.connectionString())
                        .buildClient();
    }

    /** What other clients, such as a Camel component, connect with. */
    public static String connectionString() {
        return Shared.AZURITE.connectionString();
    }

    /** A client that all tests share. */
    public static BlobServiceClient client() {
        return Shared.CLIENT;
    }

    /** A new container that no other test has. */
    public static BlobContainerClient container() {
        return Shared.CLIENT.createBlobContainer("test-" + UUID.randomUUID());
    }
}
