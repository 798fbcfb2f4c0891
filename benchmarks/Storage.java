import com.azure.core.util.BinaryData;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.citusingest.demo.Azurite;

/**
 * Azurite with the blobs of a benchmark, until its standard input ends.
 *
 * <p>{@code Storage.java INSTALL_FOLDER DATA_FOLDER CONTAINER=FILE_OR_FOLDER...} with citus-ingest
 * on the class path. When all is uploaded it prints the connection string.
 */
final class Storage {
    private static final int UPLOADS = 8;

    private Storage() {}

    public static void main(String[] args) throws Exception {
        try (Azurite azurite = Azurite.start(Path.of(args[0]), Path.of(args[1]))) {
            for (String argument : List.of(args).subList(2, args.length)) {
                String[] container = argument.split("=", 2);
                upload(azurite, container[0], Path.of(container[1]));
            }
            System.out.println(azurite.connectionString());
            System.in.read();
        }
    }

    private static void upload(Azurite azurite, String name, Path source) throws Exception {
        BlobContainerClient container =
                new BlobServiceClientBuilder()
                        .connectionString(azurite.connectionString())
                        .buildClient()
                        .createBlobContainer(name);
        if (Files.isRegularFile(source)) {
            container.getBlobClient(source.getFileName().toString()).uploadFromFile(source.toString());
            return;
        }
        ExecutorService uploads = Executors.newFixedThreadPool(UPLOADS);
        try (Stream<Path> files = Files.list(source)) {
            List<Future<?>> uploaded = files.<Future<?>>map(file -> uploads.submit(() -> upload(container, file))).toList();
            for (Future<?> each : uploaded) {
                each.get();
            }
        } finally {
            uploads.shutdownNow();
        }
    }

    private static Void upload(BlobContainerClient container, Path file) throws IOException {
        container.getBlobClient(file.getFileName().toString()).upload(BinaryData.fromBytes(Files.readAllBytes(file)));
        return null;
    }
}
