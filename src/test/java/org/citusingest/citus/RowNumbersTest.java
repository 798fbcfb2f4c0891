package org.citusingest.citus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;

class RowNumbersTest {
    @RepeatedTest(50)
    void remembers_the_numbers_in_the_order_in_which_they_came(RepetitionInfo seed) {
        Random random = new Random(seed.getCurrentRepetition());
        List<Long> expected = new ArrayList<>();
        RowNumbers all = new RowNumbers();
        for (int batch = 0; batch < 20; batch++) {
            RowNumbers numbers = new RowNumbers();
            long number = random.nextInt(1_000) + 1L;
            for (int i = random.nextInt(10); i > 0; i--) {
                expected.add(number);
                numbers.add(number);
                number += random.nextInt(4) == 0 ? 2 : 1;
            }
            all.addAll(numbers);
        }

        List<Long> found = new ArrayList<>();
        for (long i = 0; i < all.size(); i++) {
            found.add(all.at(i));
        }
        assertThat(found).isEqualTo(expected);
        assertThat(all.lowest()).isEqualTo(Collections.min(expected));
        assertThat(all.highest()).isEqualTo(Collections.max(expected));
        all.clear();
        assertThat(all.size()).isZero();
    }
}
