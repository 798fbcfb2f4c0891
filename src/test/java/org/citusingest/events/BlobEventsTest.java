package org.citusingest.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BlobEventsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String TOPIC =
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/shop";
    private static final String SUBJECT = "/blobServices/default/containers/logs/blobs/";
    private static final String URL = "https://shop.blob.core.windows.net/logs/";

    private static ObjectNode event(String type, String subject, String url) {
        ObjectNode event = JSON.createObjectNode();
        event.put("topic", TOPIC).put("subject", subject).put("eventType", type);
        event.put("id", "831e1650-001e-001b-66ab-eeb76e069631").put("dataVersion", "");
        event.put("eventTime", "2026-11-25T01:02:03.0000045Z");
        event.putObject("data").put("api", "PutBlob").put("url", url).put("contentLength", 7);
        return event;
    }

    private static ObjectNode created(String name, String url) {
        return event("Microsoft.Storage.BlobCreated", SUBJECT + name, url);
    }

    private static BlobEvents read(Object json) {
        return BlobEvents.of(json.toString().getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void reads_an_event_of_the_event_grid_schema_and_of_cloud_events() {
        BlobEvent expected =
                new BlobEvent(
                        "shop", "logs", "a/b.csv", Instant.parse("2026-11-25T01:02:03.0000045Z"));
        ObjectNode cloud = created("a/b.csv", URL + "a/b.csv");
        cloud.put("specversion", "1.0").put("type", cloud.get("eventType").asText());
        cloud.put("source", TOPIC).put("time", cloud.get("eventTime").asText());
        cloud.remove(List.of("eventType", "topic", "eventTime"));

        assertThat(read(created("a/b.csv", URL + "a/b.csv")).events()).containsExactly(expected);
        assertThat(read(cloud).events()).containsExactly(expected);
        assertThat(read(List.of(cloud, created("a/b.csv", URL + "a/b.csv"))).events())
                .containsExactly(expected, expected);
        byte[] base64 =
                Base64.getEncoder().encode(cloud.toString().getBytes(StandardCharsets.UTF_8));
        assertThat(BlobEvents.of(base64).events()).containsExactly(expected);
    }

    @Test
    void a_renamed_blob_is_what_it_is_called_now() {
        ObjectNode renamed = event("Microsoft.Storage.BlobRenamed", SUBJECT + "new.csv", "ignored");
        ((ObjectNode) renamed.get("data"))
                .put("sourceUrl", "https://shop.dfs.core.windows.net/logs/old.csv")
                .put("destinationUrl", "https://shop.dfs.core.windows.net/logs/new.csv");

        assertThat(read(renamed).events()).extracting(BlobEvent::blob).containsExactly("new.csv");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "BlobDeleted",
                "DirectoryCreated",
                "BlobTierChanged",
                "BlobInventoryPolicyCompleted",
                "SomethingNew"
            })
    void what_brings_no_blob_is_passed_over(String type) {
        BlobEvents events =
                read(event("Microsoft.Storage." + type, SUBJECT + "a.csv", URL + "a.csv"));

        assertThat(events.events()).isEmpty();
        assertThat(events.refused()).isEmpty();
    }

    /** Names as they stand in the subject and in the URL. */
    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            value = {
                "a b.csv, a%20b.csv, a b.csv",
                "a%20b.csv, a%20b.csv, a b.csv",
                "a%2520b.csv, a%252520b.csv, a%2520b.csv",
                "ü/日本.csv, %C3%BC/%E6%97%A5%E6%9C%AC.csv, ü/日本.csv",
                "a'\";--$$.csv, a'%22%3B--$$.csv, a'\";--$$.csv",
                "../x.csv, ../x.csv, ../x.csv",
                "/lead.csv, /lead.csv, /lead.csv",
                "trailing., trailing., trailing.",
                "a+b.csv, a+b.csv, a+b.csv",
            })
    void names_are_decoded_once(String subject, String url, String name) {
        assertThat(read(created(subject, URL + url)).events())
                .extracting(BlobEvent::blob)
                .containsExactly(name);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://other.blob.core.windows.net/logs/a.csv",
                "https://shop.blob.core.windows.net.evil.example@evil.example/logs/a.csv",
                "https://user@shop.blob.core.windows.net/logs/a.csv",
                "http://shop.blob.core.windows.net/logs/a.csv",
                "https://shop.blob.core.windows.net/other/a.csv",
                "https://shop.blob.core.windows.net/logs/b.csv",
                "https://shop.blob.core.windows.net/logs/",
                "https://shop.blob.core.windows.net/logs/a.csv?sig=x",
                "https://shop.blob.core.windows.net/logs/a.csv#x",
                "https://evil.example/logs/a.csv",
                "file:///logs/a.csv",
                "ftp://shop.blob.core.windows.net/logs/a.csv",
                "gopher://127.0.0.1/shop/logs/a.csv",
                "http://169.254.169.254/logs/a.csv",
                "no url",
                ""
            })
    void an_address_that_is_none_of_the_account_and_container_is_refused(String url) {
        BlobEvents events = read(created("a.csv", url));

        assertThat(events.events()).isEmpty();
        assertThat(events.refused()).hasSize(1).allMatch(why -> why.startsWith("its "));
    }

    @Test
    void the_good_events_of_a_message_are_read_beside_the_bad() {
        ObjectNode other = created("a.csv", URL + "a.csv");
        other.put("topic", "/subscriptions/s/providers/Microsoft.EventGrid/topics/t");
        ObjectNode forged = created("a.csv", URL + "a.csv");
        forged.put("eventType", "Microsoft.Resources\n\u001b[31mforged");
        ObjectNode late = created("a.csv", URL + "a.csv");
        late.put("eventTime", "yesterday");

        BlobEvents events =
                read(List.of(other, created("b.csv", URL + "b.csv"), forged, late, "{}", "7"));

        assertThat(events.events()).extracting(BlobEvent::blob).containsExactly("b.csv");
        assertThat(events.refused()).hasSize(5).noneMatch(why -> why.matches("(?s).*\\p{Cntrl}.*"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "text", "7", "\"a\"", "null", "{", "[{]", "{} {", "AAAA", "e30=x"})
    void what_is_no_event_at_all_is_refused(String message) {
        assertThatThrownBy(
                        () -> {
                            BlobEvents events =
                                    BlobEvents.of(message.getBytes(StandardCharsets.UTF_8));
                            if (!events.refused().isEmpty()) {
                                throw new BlobEventException(events.refused().get(0));
                            }
                        })
                .isInstanceOf(BlobEventException.class);
    }

    @Test
    void what_is_nested_without_end_is_refused() {
        assertThatThrownBy(() -> read("[".repeat(100_000)))
                .isInstanceOf(BlobEventException.class)
                .hasMessage("it is not JSON");
    }
}
