package org.citusingest.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.citusingest.console.Account.Outcome;
import org.junit.jupiter.api.Test;

class AccountTest {
    private final SetClock clock = new SetClock();
    private final Account account = new Account("hawtio", "a long password", clock);

    /** A clock that the test moves. */
    private static final class SetClock extends Clock {
        private Instant now = Instant.EPOCH;

        void pass(long seconds) {
            now = now.plus(Duration.ofSeconds(seconds));
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    private Outcome right() {
        return account.attempt("hawtio", "a long password");
    }

    private Outcome wrong() {
        return account.attempt("hawtio", "another password");
    }

    @Test
    void takes_the_user_and_the_password_and_nothing_else() {
        assertThat(right()).isEqualTo(new Outcome.Right());
        assertThat(account.attempt("hawtio", "")).isEqualTo(new Outcome.Wrong());
        assertThat(account.attempt("", "a long password")).isEqualTo(new Outcome.Wrong());
        assertThat(account.attempt("Hawtio", "a long password")).isEqualTo(new Outcome.Wrong());
        assertThat(account.attempt("hawtioa", " long password")).isEqualTo(new Outcome.Wrong());
    }

    @Test
    void lets_even_the_right_password_wait_after_five_wrong_ones_and_longer_each_time() {
        for (int i = 0; i < 5; i++) {
            assertThat(wrong()).isEqualTo(new Outcome.Wrong());
        }
        assertThat(right()).isEqualTo(new Outcome.Closed(2));
        clock.pass(1);
        assertThat(wrong()).isEqualTo(new Outcome.Wrong());
        assertThat(wrong()).isEqualTo(new Outcome.Closed(3));
        for (int i = 0; i < 40; i++) {
            clock.pass(60);
            assertThat(wrong()).isEqualTo(new Outcome.Wrong());
        }
        assertThat(right()).isEqualTo(new Outcome.Closed(61));

        clock.pass(60);
        assertThat(right()).isEqualTo(new Outcome.Right());
        assertThat(wrong()).isEqualTo(new Outcome.Wrong());
        assertThat(right()).isEqualTo(new Outcome.Right());
    }
}
