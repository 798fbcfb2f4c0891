package org.citusingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A pipeline that is given another container. */
class MovedContainerTest {
    @TempDir private Path folder;

    @Test
    @Timeout(60)
    void load_ends_although_a_load_from_the_container_before_has_failed() {
        Workspace workspace = new Workspace(folder).items();
        workspace.upload("items/bad.csv", "id,name\nx,one\n");
        assertThat(workspace.run("load").code()).isEqualTo(1);
        workspace.database.execute("UPDATE citus_ingest.load SET container = 'before'");
        workspace.upload("items/bad.csv", "id,name\n1,one\n");

        assertThat(workspace.run("load").code()).isZero();

        assertThat(workspace.itemRows()).containsExactly("1|one");
        assertThat(workspace.loads("container = 'before', state"))
                .containsExactly("t|failed", "f|loaded");
    }
}
