package org.citusingest.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManagementSettingsTest {
    private static ManagementSettings of(Map<String, String> properties) {
        return ManagementSettings.of(key -> Optional.ofNullable(properties.get(key)));
    }

    @Test
    void by_default_it_listens_to_this_machine_and_knows_nobody() {
        ManagementSettings settings = of(Map.of());

        assertThat(settings.host().getHostAddress()).isEqualTo("127.0.0.1");
        assertThat(settings.port()).isEqualTo(9876);
        assertThat(settings.login()).isEmpty();
    }

    @Test
    void all_can_be_set_and_the_password_is_not_told() {
        ManagementSettings settings =
                of(
                        Map.of(
                                "management.host", "0.0.0.0",
                                "management.port", "0",
                                "management.user", "me",
                                "management.password", "canary:x"));

        assertThat(settings.host().isAnyLocalAddress()).isTrue();
        assertThat(settings.port()).isZero();
        assertThat(settings.login().orElseThrow().password()).isEqualTo("canary:x");
        assertThat(settings.toString()).doesNotContain("canary");
    }

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, 1, '', ''",
        "::, 1, '', ''",
        "192.0.2.1, 1, '', ''",
        "'', 65536, '', ''",
        "'', -1, '', ''",
        "'', x, '', ''",
        "'', 1, me, ''",
        "'', 1, '', canary",
        "'', 1, a:b, canary",
    })
    void what_is_not_allowed_is_refused_by_the_name_of_the_property(
            String host, String port, String user, String password) {
        assertThatThrownBy(
                        () ->
                                of(
                                        Map.of(
                                                "management.host", host,
                                                "management.port", port,
                                                "management.user", user,
                                                "management.password", password)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("MANAGEMENT_")
                .message()
                .doesNotContain("canary")
                .doesNotContain("\n");
    }
}
