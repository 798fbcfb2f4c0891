package org.citusingest.rows.parquet;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.citusingest.rows.Field;

/**
 * Writes a value as JSON and passes over its entries: each of its leaves stands at its first entry
 * before, and at the first one after it afterwards.
 */
sealed interface JsonValue {
    void write(BytesVector out, Field scratch) throws IOException;

    /** Makes what writes a field, and adds the readers of its leaves. */
    static JsonValue of(SchemaNode node, Leaves readers, List<LeafReader> leaves)
            throws IOException {
        if (!node.isRepeated()) {
            return once(node, readers, leaves);
        }
        List<LeafReader> own = new ArrayList<>();
        JsonValue element = once(node, readers, own);
        leaves.addAll(own);
        return new Repeated(own, node, element);
    }

    private static JsonValue once(SchemaNode node, Leaves readers, List<LeafReader> leaves)
            throws IOException {
        if (node.isLeaf()) {
            LeafReader leaf = readers.open(node);
            leaves.add(leaf);
            return new Leaf(leaf, readers.type(node), Logical.of(node.element()).isNumeric());
        }
        List<LeafReader> own = new ArrayList<>();
        JsonValue value;
        if (node.isList()) {
            SchemaNode repeated = node.children().get(0);
            JsonValue element =
                    repeated.isElementOf(node)
                            ? once(repeated, readers, own)
                            : of(repeated.children().get(0), readers, own);
            value = new Repeated(own, repeated, element);
        } else if (node.isMap() && node.children().get(0).children().size() == 2) {
            SchemaNode pair = node.children().get(0);
            JsonValue key = of(pair.children().get(0), readers, own);
            JsonValue of = of(pair.children().get(1), readers, own);
            value =
                    new Repeated(
                            own,
                            pair,
                            key instanceof Leaf leaf
                                    ? new Pair(leaf, of)
                                    : new Group(
                                            List.of(name("key"), name("value")), List.of(key, of)));
        } else {
            List<byte[]> names = new ArrayList<>();
            List<JsonValue> fields = new ArrayList<>();
            for (SchemaNode child : node.children()) {
                names.add(name(child.name()));
                fields.add(of(child, readers, own));
            }
            value = new Group(names, fields);
        }
        if (own.isEmpty()) {
            throw new DamageException("the group '%s' has no fields".formatted(node.path()));
        }
        leaves.addAll(own);
        return new Maybe(own, node.definition(), value);
    }

    private static byte[] name(String name) {
        return name.getBytes(StandardCharsets.UTF_8);
    }

    /** What opens the column chunks. */
    interface Leaves {
        LeafReader open(SchemaNode leaf) throws IOException;

        ValueType type(SchemaNode leaf);
    }

    /** Goes to the next entry of each. */
    static void advance(List<LeafReader> leaves) throws IOException {
        for (LeafReader leaf : leaves) {
            leaf.advance();
        }
    }

    /** A value, or null. */
    record Leaf(LeafReader leaf, ValueType type, boolean numeric) implements JsonValue {
        @Override
        public void write(BytesVector out, Field scratch) throws IOException {
            if (leaf.hasValue()) {
                type.set(scratch, leaf.value());
                Json.value(scratch, numeric, out);
            } else {
                Json.ascii("null", out);
            }
            leaf.advance();
        }
    }

    /** A group that may be null. */
    record Maybe(List<LeafReader> leaves, int definition, JsonValue value) implements JsonValue {
        @Override
        public void write(BytesVector out, Field scratch) throws IOException {
            if (leaves.get(0).definition() < definition) {
                Json.ascii("null", out);
                advance(leaves);
            } else {
                value.write(out, scratch);
            }
        }
    }

    /** A group. */
    record Group(List<byte[]> names, List<JsonValue> fields) implements JsonValue {
        @Override
        public void write(BytesVector out, Field scratch) throws IOException {
            out.put('{');
            for (int i = 0; i < fields.size(); i++) {
                if (i > 0) {
                    out.put(',');
                }
                byte[] name = names.get(i);
                Json.text(name, 0, name.length, out);
                out.put(':');
                fields.get(i).write(out, scratch);
            }
            out.put('}');
        }
    }

    /** An entry of a map. */
    record Pair(Leaf key, JsonValue value) implements JsonValue {
        @Override
        public void write(BytesVector out, Field scratch) throws IOException {
            if (key.leaf().hasValue()) {
                key.type().set(scratch, key.leaf().value());
                Json.text(scratch.bytes(), scratch.start(), scratch.end(), out);
            } else {
                Json.ascii("\"\"", out);
            }
            key.leaf().advance();
            out.put(':');
            value.write(out, scratch);
        }
    }

    /** A list, or a map. */
    record Repeated(List<LeafReader> leaves, SchemaNode node, JsonValue element)
            implements JsonValue {
        @Override
        public void write(BytesVector out, Field scratch) throws IOException {
            boolean map = element instanceof Pair;
            out.put(map ? '{' : '[');
            LeafReader first = leaves.get(0);
            if (first.definition() < node.definition()) {
                advance(leaves);
            } else {
                element.write(out, scratch);
                while (first.repetition() >= node.repetition()) {
                    if (first.repetition() > node.repetition()) {
                        throw new DamageException(
                                "a list in '%s' goes on where none was begun"
                                        .formatted(node.path()));
                    }
                    out.put(',');
                    element.write(out, scratch);
                }
            }
            out.put(map ? '}' : ']');
        }
    }
}
