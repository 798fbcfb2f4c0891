package org.citusingest;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.regex.Pattern;

/** Finds the classes that have a statement of SQL among their constants. */
final class SqlText {
    private static final Pattern SQL =
            Pattern.compile(
                    "(?s)\\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|ALTER|DROP|COPY|WITH|SET LOCAL) \\S.*");

    static final DescribedPredicate<JavaClass> IS_IN =
            new DescribedPredicate<>("have SQL among their constants") {
                @Override
                public boolean test(JavaClass javaClass) {
                    return holdsSql(javaClass);
                }
            };

    private SqlText() {}

    private static boolean holdsSql(JavaClass javaClass) {
        String resource = "/" + javaClass.getName().replace('.', '/') + ".class";
        try (InputStream in = SqlText.class.getResourceAsStream(resource)) {
            return holdsSql(new DataInputStream(in));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads the constants of a class file: chapter 4.4 of the specification of the JVM. */
    private static boolean holdsSql(DataInputStream in) throws IOException {
        in.skipNBytes(8);
        int count = in.readUnsignedShort();
        boolean found = false;
        for (int i = 1; i < count; i++) {
            int tag = in.readUnsignedByte();
            switch (tag) {
                case 1 -> found |= SQL.matcher(in.readUTF()).matches();
                case 3, 4, 9, 10, 11, 12, 17, 18 -> in.skipNBytes(4);
                case 5, 6 -> {
                    in.skipNBytes(8);
                    i++;
                }
                case 7, 8, 16, 19, 20 -> in.skipNBytes(2);
                case 15 -> in.skipNBytes(3);
                default -> throw new IOException("An unknown constant: " + tag);
            }
        }
        return found;
    }
}
