package org.citusingest.blobs;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** A step that reads each blob to its end and remembers it. */
final class Deliveries implements Processor {
    final List<Delivery> all = new CopyOnWriteArrayList<>();

    record Delivery(String name, String content, Map<String, Object> headers) {}

    @Override
    public void process(Exchange exchange) throws Exception {
        Map<String, Object> headers = Map.copyOf(exchange.getMessage().getHeaders());
        String name = exchange.getMessage().getHeader(BlobsConstants.BLOB, String.class);
        all.add(new Delivery(name, read(exchange), headers));
    }

    static String read(Exchange exchange) throws Exception {
        try (InputStream in = exchange.getMessage().getMandatoryBody(InputStream.class)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    List<String> names() {
        return all.stream().map(Delivery::name).toList();
    }

    List<String> contents() {
        return all.stream().map(Delivery::content).toList();
    }
}
