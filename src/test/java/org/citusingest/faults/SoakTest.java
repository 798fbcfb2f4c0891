package org.citusingest.faults;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A short soak; {@code -Psoak -Dsoak.minutes=30} a long one, {@code -Dsoak.kills=200
 * -Dsoak.files=1000 -Dsoak.replicas=3} one until so many processes were killed.
 */
class SoakTest {
    @TempDir private Path folder;

    @Test
    void every_row_is_loaded_once_whatever_is_killed_and_cut() throws Exception {
        Soak.Plan plan =
                new Soak.Plan(
                        Integer.getInteger("soak.replicas", 2),
                        Integer.getInteger("soak.files", 150),
                        Duration.ofSeconds(
                                Math.max(
                                        Integer.getInteger("soak.minutes", 0) * 60L,
                                        Integer.getInteger("soak.seconds", 20))),
                        Integer.getInteger("soak.kills", 0),
                        Duration.ofMillis(Integer.getInteger("soak.pause", 4000)));
        try (Soak soak = new Soak(folder, plan, Seed.random("soak.seed", "soak"))) {
            System.out.println(soak.run());
        }
    }
}
