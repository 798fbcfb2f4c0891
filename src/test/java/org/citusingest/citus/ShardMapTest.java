package org.citusingest.citus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Finds shards by hash. */
class ShardMapTest {
    private static final ShardMap.Node NODE = new ShardMap.Node("host", 5432, 1);

    private final Random random = new Random(7);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 29, 32, 100})
    void a_hash_is_in_the_shard_whose_range_has_it(int count) {
        List<Integer> least = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            least.add((int) (Integer.MIN_VALUE + i * ((1L << 32) / count)));
        }
        finds(least);
    }

    @Test
    void so_it_is_after_shards_were_split() {
        TreeSet<Integer> least = new TreeSet<>(List.of(Integer.MIN_VALUE, Integer.MAX_VALUE, -1));
        for (int i = 0; i < 40; i++) {
            least.add(random.nextInt());
            finds(List.copyOf(least));
        }
    }

    @Test
    void shards_with_a_gap_or_twice_the_same_hash_are_not_complete() {
        ShardMap.Shard low = shard(Integer.MIN_VALUE, -1);

        assertThat(ShardMap.complete(List.of(low, shard(0, Integer.MAX_VALUE)))).isTrue();
        assertThat(ShardMap.complete(List.of(low, shard(1, Integer.MAX_VALUE)))).isFalse();
        assertThat(ShardMap.complete(List.of(low, shard(-1, Integer.MAX_VALUE)))).isFalse();
        assertThat(ShardMap.complete(List.of(low))).isFalse();
        assertThat(ShardMap.complete(List.of())).isFalse();
    }

    private void finds(List<Integer> least) {
        List<ShardMap.Shard> shards = new ArrayList<>();
        for (int i = 0; i < least.size(); i++) {
            boolean isLast = i == least.size() - 1;
            shards.add(shard(least.get(i), isLast ? Integer.MAX_VALUE : least.get(i + 1) - 1));
        }
        ShardMap map = new ShardMap("id", ShardHash.INT4, shards);
        assertThat(ShardMap.complete(shards)).isTrue();
        for (int i = 0; i < shards.size(); i++) {
            assertThat(map.shardOf(shards.get(i).least())).isEqualTo(i);
            assertThat(map.shardOf(shards.get(i).most())).isEqualTo(i);
        }
        random.ints(1_000)
                .forEach(
                        hash -> {
                            ShardMap.Shard found = shards.get(map.shardOf(hash));
                            assertThat(hash).isBetween(found.least(), found.most());
                        });
    }

    private static ShardMap.Shard shard(int least, int most) {
        return new ShardMap.Shard(least, "t", least, most, NODE);
    }
}
