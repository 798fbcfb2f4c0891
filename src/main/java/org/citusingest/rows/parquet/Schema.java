package org.citusingest.rows.parquet;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.SchemaElement;

/** The columns of a file: a tree, whose leaves have the values. */
final class Schema {
    private static final int DEEPEST = 64;

    private final List<SchemaElement> elements;
    private final List<SchemaNode> leaves = new ArrayList<>();
    private final List<SchemaNode> columns;
    private int read;

    /** Makes the tree of a list in which each field is followed by those below it. */
    Schema(List<SchemaElement> elements) {
        this.elements = elements;
        if (elements.isEmpty()) {
            throw new DamageException("its metadata has no schema");
        }
        SchemaElement root = elements.get(read++);
        columns = children(root, "", 0, 0, 0);
        if (read < elements.size()) {
            throw new DamageException("its schema has fields that belong to no group");
        }
    }

    /** The leaves in the order of their column chunks. */
    List<SchemaNode> leaves() {
        return leaves;
    }

    /** What is to be read, by the name that its column gets. */
    Map<String, SchemaNode> pick(List<String> wanted) {
        Map<String, SchemaNode> picked = new LinkedHashMap<>();
        if (wanted.isEmpty()) {
            columns.forEach(column -> put(picked, column.name(), column));
        }
        wanted.forEach(name -> put(picked, name, find(name, columns, name)));
        return picked;
    }

    private static void put(Map<String, SchemaNode> picked, String name, SchemaNode node) {
        if (picked.put(name, node) != null) {
            throw new DamageException(
                    "it has two columns '%s'; choose among the others by the option 'columns' of the data format"
                            .formatted(name));
        }
    }

    /** The field with this name; else the one with the rest of the name in a group, by its name. */
    private SchemaNode find(String name, List<SchemaNode> among, String path) {
        for (SchemaNode node : among) {
            if (node.name().equals(path)) {
                return node;
            }
        }
        for (SchemaNode node : among) {
            if (path.startsWith(node.name() + ".") && node.isStruct()) {
                return find(name, node.children(), path.substring(node.name().length() + 1));
            }
        }
        throw new DamageException(
                "it has no column '%s' that the option 'columns' of the data format names; it has %s"
                        .formatted(
                                name,
                                String.join(
                                        ", ", columns.stream().map(SchemaNode::name).toList())));
    }

    private List<SchemaNode> children(
            SchemaElement parent, String path, int definition, int repetition, int depth) {
        if (depth > DEEPEST) {
            throw new DamageException("its schema is deeper than " + DEEPEST);
        }
        List<SchemaNode> children = new ArrayList<>();
        for (int i = 0; i < parent.getNum_children(); i++) {
            if (read == elements.size()) {
                throw new DamageException("its schema ends within a group");
            }
            children.add(node(elements.get(read++), path, definition, repetition, depth));
        }
        return children;
    }

    private SchemaNode node(
            SchemaElement element, String path, int definition, int repetition, int depth) {
        FieldRepetitionType type = element.getRepetition_type();
        int defined = definition + (type == FieldRepetitionType.REQUIRED || type == null ? 0 : 1);
        int repeated = repetition + (type == FieldRepetitionType.REPEATED ? 1 : 0);
        String name = path + element.getName();
        // Only a leaf has a type: a group may be empty.
        boolean isLeaf = element.isSetType();
        List<SchemaNode> children =
                isLeaf ? List.of() : children(element, name + ".", defined, repeated, depth + 1);
        SchemaNode node =
                new SchemaNode(
                        element, name, defined, repeated, children, isLeaf ? leaves.size() : -1);
        if (isLeaf) {
            leaves.add(node);
        }
        return node;
    }
}
