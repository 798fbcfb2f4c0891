package org.citusingest.rows.parquet;

import java.util.List;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.LogicalType;
import org.apache.parquet.format.SchemaElement;

/**
 * A field of a schema.
 *
 * @param element what the file says of it
 * @param path its name after those of the groups it is in
 * @param definition the definition level from which on it is there
 * @param repetition the repetition level at which its innermost list goes on
 * @param children the fields of a group
 * @param leaf the number of its column chunk in each row group; -1 for a group
 */
record SchemaNode(
        SchemaElement element,
        String path,
        int definition,
        int repetition,
        List<SchemaNode> children,
        int leaf) {
    String name() {
        return element.getName();
    }

    boolean isLeaf() {
        return leaf >= 0;
    }

    boolean isRepeated() {
        return element.getRepetition_type() == FieldRepetitionType.REPEATED;
    }

    /** Whether it is a group whose fields are there once at most. */
    boolean isStruct() {
        return !isLeaf() && !isRepeated() && !isList() && !isMap();
    }

    boolean isList() {
        LogicalType type = element.getLogicalType();
        return has(ConvertedType.LIST, type != null && type.isSetLIST());
    }

    boolean isMap() {
        LogicalType type = element.getLogicalType();
        return has(ConvertedType.MAP, type != null && type.isSetMAP())
                // Old writers call the whole map so.
                || has(ConvertedType.MAP_KEY_VALUE, false);
    }

    /** Whether it is such a group, in the form that such groups have: around a repeated field. */
    private boolean has(ConvertedType old, boolean isNew) {
        return !isLeaf()
                && (isNew || element.getConverted_type() == old)
                && children.size() == 1
                && children.get(0).isRepeated();
    }

    /**
     * Whether this repeated field is itself what a list consists of, as in older files, and not a
     * group around it.
     *
     * @param list the group with the list
     */
    boolean isElementOf(SchemaNode list) {
        return isLeaf()
                || children.size() != 1
                || children.get(0).isRepeated()
                || name().equals("array")
                || name().equals(list.name() + "_tuple");
    }
}
