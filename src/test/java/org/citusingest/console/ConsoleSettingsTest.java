package org.citusingest.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalInt;
import java.util.Properties;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.PropertiesComponent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConsoleSettingsTest {
    private static ConsoleSettings settings(OptionalInt port, String... keysAndValues) {
        Properties properties = new Properties();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            properties.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        PropertiesComponent component = new DefaultCamelContext().getPropertiesComponent();
        component.setInitialProperties(properties);
        return ConsoleSettings.of(component, port);
    }

    @Test
    void listens_on_this_machine_alone_with_a_password_of_its_own_each_time() {
        ConsoleSettings first = settings(OptionalInt.empty());
        ConsoleSettings second = settings(OptionalInt.empty());

        assertThat(first.host().getHostAddress()).isEqualTo("127.0.0.1");
        assertThat(first.port()).isEqualTo(8778);
        assertThat(first.user()).isEqualTo("hawtio");
        assertThat(first.ownPassword()).isFalse();
        assertThat(first.password()).hasSize(24).isNotEqualTo(second.password());
        assertThat(first.toString()).doesNotContain(first.password());
    }

    @Test
    void takes_what_is_set_and_the_port_of_the_command_before_that() {
        String[] all = {
            "hawtio.host",
            "0.0.0.0",
            "hawtio.port",
            "1",
            "hawtio.user",
            "me",
            "hawtio.password",
            " a long password "
        };
        ConsoleSettings settings = settings(OptionalInt.of(0), all);

        assertThat(settings.host().isAnyLocalAddress()).isTrue();
        assertThat(settings.port()).isZero();
        assertThat(settings.user()).isEqualTo("me");
        assertThat(settings.password()).isEqualTo(" a long password ");
        assertThat(settings.ownPassword()).isTrue();
        assertThat(settings(OptionalInt.empty(), all).port()).isEqualTo(1);
    }

    @ParameterizedTest(name = "{0}={1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "hawtio.host|0.0.0.0|hawtio.host (HAWTIO_HOST) is 0.0.0.0, which others can reach, and there is no password for them: set HAWTIO_PASSWORD",
                "hawtio.host|192.0.2.1|hawtio.host (HAWTIO_HOST) is 192.0.2.1, which others can reach",
                "hawtio.host|::|hawtio.host (HAWTIO_HOST) is 0:0:0:0:0:0:0:0, which others can reach",
                "hawtio.host|no.such.host.invalid|hawtio.host (HAWTIO_HOST) is 'no.such.host.invalid', which is no address of this machine",
                "hawtio.port|70000|hawtio.port (HAWTIO_PORT) is '70000'; it must be a whole number from 0 to 65535",
                "hawtio.port|http|hawtio.port (HAWTIO_PORT) is 'http'; it must be",
                "hawtio.password|short|hawtio.password (HAWTIO_PASSWORD) is too short; it must have at least 12 characters",
            })
    void refuses_what_is_open_to_others_or_makes_no_sense(
            String key, String value, String message) {
        assertThatThrownBy(() -> settings(OptionalInt.empty(), key, value))
                .isInstanceOf(ConsoleException.class)
                .hasMessageStartingWith(message);
    }
}
