package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.citusingest.faults.IngestProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code LOG_FORMAT=json}. */
class JsonLogTest {
    @TempDir private Path folder;

    private static List<JsonNode> objects(String output) throws Exception {
        List<JsonNode> objects = new ArrayList<>();
        for (String line : output.lines().toList()) {
            objects.add(new ObjectMapper().readTree(line));
        }
        return objects;
    }

    private static JsonNode line(List<JsonNode> objects, String field, String value) {
        return objects.stream()
                .filter(object -> value.equals(object.path(field).asText()))
                .findFirst()
                .orElseThrow(() -> new AssertionError("No " + value + " in " + objects));
    }

    @Test
    void each_line_is_one_object_and_a_load_has_its_values_as_fields() throws Exception {
        Workspace workspace =
                new Workspace(folder)
                        .items()
                        .upload("items/good \"one\"\nload=7.csv", "id,name\n1,one\n2,two\n")
                        .upload("items/bad.csv", "id,name\nx,one\n");
        try (IngestProcess process =
                IngestProcess.of(workspace).environment("LOG_FORMAT", "json").run()) {
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(
                            () ->
                                    assertThat(process.output())
                                            .contains("state=loaded")
                                            .contains("state=failed"));
            process.terminate();
            assertThat(process.exitCode()).isZero();

            List<JsonNode> objects = objects(process.output());
            JsonNode loaded = line(objects, "state", "loaded");
            assertThat(loaded.get("level").asText()).isEqualTo("INFO");
            assertThat(loaded.get("logger").asText()).isEqualTo("citusingest.load");
            assertThat(loaded.get("load").isNumber()).isTrue();
            assertThat(loaded.get("rows").longValue()).isEqualTo(2);
            assertThat(loaded.get("rejected").longValue()).isZero();
            assertThat(loaded.get("seconds").isDouble()).isTrue();
            assertThat(loaded.get("pipeline").asText()).isEqualTo("items");
            assertThat(loaded.get("source").asText()).endsWith("/items/good \"one\"?load=7.csv");
            assertThat(loaded.get("message").asText())
                    .startsWith("load=" + loaded.get("load").asText() + " pipeline=items source=");
            JsonNode failed = line(objects, "state", "failed");
            assertThat(failed.get("level").asText()).isEqualTo("WARN");
            assertThat(failed.get("error").asText()).contains("bad.csv").contains("22P02");
            assertThat(objects).allSatisfy(object -> assertThat(object.has("time")).isTrue());
        }
    }
}
