package org.citusingest.routes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Who may be able to write a route file, or into the folder of them. */
public enum WritableBy {
    /** Its owner, and the group that has the owner's name, as a umask of 002 makes it. */
    OWNER,

    /** Its group too. */
    GROUP,

    /** All users of the machine. */
    ANYONE;

    static WritableBy of(String value) {
        if (value == null) {
            return OWNER;
        }
        return Arrays.stream(values())
                .filter(one -> one.name().toLowerCase(Locale.ROOT).equals(value))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "routes.writable-by (ROUTES_WRITABLE_BY) is '%s'; it must be owner, group or anyone"
                                                .formatted(value)));
    }

    /**
     * What is wrong with who can write a file or folder; empty where nothing is, where it is on
     * what is mounted read-only, and where there are no such permissions.
     */
    Optional<String> refusal(Path path) throws IOException {
        Path real = path.toRealPath();
        PosixFileAttributeView view =
                Files.getFileAttributeView(real, PosixFileAttributeView.class);
        if (this == ANYONE || view == null || Files.getFileStore(real).isReadOnly()) {
            return Optional.empty();
        }
        PosixFileAttributes attributes = view.readAttributes();
        Set<PosixFilePermission> permissions = attributes.permissions();
        boolean others = permissions.contains(PosixFilePermission.OTHERS_WRITE);
        boolean group =
                permissions.contains(PosixFilePermission.GROUP_WRITE)
                        && this == OWNER
                        && !attributes.group().getName().equals(attributes.owner().getName());
        if (!others && !group) {
            return Optional.empty();
        }
        return Optional.of(
                "%s can be written by %s, and who writes routes says what is done with the data: chmod %s %s, or set ROUTES_WRITABLE_BY to %s"
                        .formatted(
                                path,
                                others ? "all users" : "the group " + attributes.group().getName(),
                                others ? "o-w" : "g-w",
                                real,
                                others ? "anyone" : "group"));
    }
}
