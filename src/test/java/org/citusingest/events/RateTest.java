package org.citusingest.events;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RateTest {
    @Test
    void gives_so_many_a_second_and_again_in_the_next() {
        AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
        Rate rate = new Rate(2, now::get);

        assertThat(rate.take()).isTrue();
        now.addAndGet(999_999_999);
        assertThat(rate.take()).isTrue();
        assertThat(rate.take()).isFalse();
        now.addAndGet(1);
        assertThat(rate.take()).isTrue();
        assertThat(rate.take()).isTrue();
        assertThat(rate.take()).isFalse();
    }
}
