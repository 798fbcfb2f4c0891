package org.citusingest.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.citusingest.TestAzurite;
import org.citusingest.Workspace.Run;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Replicas that load many blobs while they are killed and stopped, and the network is cut, at
 * random; in the end a healthy process finishes and the {@link Checker} looks. The same seed
 * decides the same events in the same order.
 */
final class Soak implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration SOON = Duration.ofSeconds(2);
    private static final String STARTED = "routes=[items]";
    private static final String NETWORK_TIMEOUTS = "?socketTimeout=10";

    /**
     * How much.
     *
     * @param duration how long events happen, unless kills are counted
     * @param kills how many kills there are to be amid a load; 0 for as many as fit into the time
     * @param pause the longest time between two events
     */
    record Plan(int replicas, int files, Duration duration, int kills, Duration pause) {
        boolean goesOn(Duration since, int killed) {
            return kills > 0 ? killed < kills : since.compareTo(duration) < 0;
        }
    }

    /** What may happen, the more frequent ones several times. */
    private enum Event {
        KILL,
        STOP,
        CUT,
        RESET,
        STALL,
        STORAGE_CUT,
        STORAGE_BUSY,
        UPLOAD
    }

    private final Plan plan;
    private final Random random;
    private final Workload workload;
    private final FaultProxy network;
    private final StorageProxy storage;
    private final List<IngestProcess> replicas = new ArrayList<>();
    private final List<String> outputs = new ArrayList<>();
    private final Map<Event, Integer> events = new EnumMap<>(Event.class);
    private final Flow clock = new Flow();
    private int killsAmidLoad;
    private int ended;

    Soak(Path folder, Plan plan, Random random) {
        this.plan = plan;
        this.random = random;
        workload =
                new Workload(
                        folder,
                        random,
                        random.nextBoolean() ? "load" : "batch",
                        true,
                        random.nextBoolean());
        PGSimpleDataSource source = (PGSimpleDataSource) workload.workspace.database.dataSource();
        network = FaultProxy.before("localhost", source.getPortNumbers()[0]);
        storage = StorageProxy.before(TestAzurite.connectionString());
    }

    /** Runs it, and says what happened in one line. */
    String run() throws Exception {
        // The others come while it goes on, so that there is something to load to the end.
        for (int i = 0; i < plan.files() / 10; i++) {
            addFile();
        }
        String url = workload.workspace.url();
        workload.workspace.set("citus.url", network.through(url) + NETWORK_TIMEOUTS);
        workload.workspace.set("storage.connection-string", storage.connectionString());
        for (int i = 0; i < plan.replicas(); i++) {
            replicas.add(start());
        }
        // A soak of replicas that do nothing would prove nothing.
        assertThat(within(START, () -> loaded() > 0)).as(() -> output(0)).isTrue();
        long begin = System.nanoTime();
        while (plan.goesOn(Duration.ofNanos(System.nanoTime() - begin), killsAmidLoad)) {
            clock.pause(plan.pause().multipliedBy(random.nextInt(1000)).dividedBy(1000));
            startThoseThatEnded();
            happens(next());
        }
        long loadedUnderFaults = loaded();
        end();
        workload.workspace.set("citus.url", url);
        workload.workspace.set("storage.connection-string", TestAzurite.connectionString());
        workload.add(10, 0);
        Run healthy = workload.loadHere();
        outputs.add(healthy.out() + healthy.err());
        assertThat(healthy.code()).as(healthy.out() + healthy.err()).isZero();
        workload.check(outputs.toArray(String[]::new));
        return "soak: %s, %d blobs, %d of them loaded under faults, %s, %d kills amid a load, %d ended by themselves, most attempts at one %s"
                .formatted(
                        plan,
                        workload.sources().size(),
                        loadedUnderFaults,
                        events,
                        killsAmidLoad,
                        ended,
                        workload.workspace.database.ask(
                                "SELECT max(attempts) FROM citus_ingest.load"));
    }

    private void addFile() {
        boolean large = random.nextInt(100) == 0;
        workload.add(
                large ? 20_000 + random.nextInt(20_000) : random.nextInt(2000),
                large && random.nextBoolean() ? 3 : 0);
    }

    private Event next() {
        // Kills are what it is about, and the only thing where they are counted.
        if (plan.kills() > 0 || random.nextInt(3) == 0) {
            return Event.KILL;
        }
        return Event.values()[random.nextInt(Event.values().length)];
    }

    private void happens(Event event) throws Exception {
        int which = random.nextInt(replicas.size());
        Duration while_ = Duration.ofMillis(random.nextInt(5000));
        events.merge(event, 1, Integer::sum);
        switch (event) {
            case KILL -> kill(which);
            case STOP -> {
                // Up to more than twice the lease.
                replicas.get(which).stop();
                clock.pause(while_);
                replicas.get(which).resume();
            }
            case CUT -> network.cutAll();
            case RESET -> network.resetAll();
            case STALL -> {
                network.stall();
                clock.pause(while_);
                network.resume();
            }
            case STORAGE_CUT -> storage.cutAll();
            case STORAGE_BUSY ->
                    storage.on(Request.any()).times(1 + random.nextInt(20)).then(Reply.status(503));
            case UPLOAD -> addFile();
        }
    }

    /** As whoever runs replicas does: one that starts while the network is cut may give up. */
    private void startThoseThatEnded() {
        for (int i = 0; i < replicas.size(); i++) {
            if (!replicas.get(i).isAlive()) {
                outputs.add(output(i));
                replicas.set(i, start());
                ended++;
            }
        }
    }

    /** Kills a replica, one that is loading if there is one soon, at any point of its load. */
    private void kill(int any) throws InterruptedException {
        within(START, () -> startedOrEnded(any));
        for (int i = 0; i < filesAKill(); i++) {
            addFile();
        }
        Duration later = Duration.ofMillis(random.nextInt(20));
        within(SOON, () -> loading() >= 0);
        clock.pause(later);
        int busy = loading();
        int which = busy < 0 ? any : busy;
        IngestProcess replica = replicas.get(which);
        end(replica);
        if (loads(replica)) {
            killsAmidLoad++;
        }
        replicas.set(which, start());
    }

    private boolean startedOrEnded(int which) {
        return !replicas.get(which).isAlive() || output(which).contains(STARTED);
    }

    /** A replica with an open load; negative if there is none. */
    private int loading() {
        for (int i = 0; i < replicas.size(); i++) {
            if (loads(replicas.get(i))) {
                return i;
            }
        }
        return -1;
    }

    private boolean loads(IngestProcess replica) {
        return workload.workspace.database.count(
                        "citus_ingest.load WHERE state = 'loading' AND owner LIKE '%d-%%'"
                                .formatted(replica.pid()))
                > 0;
    }

    private int filesAKill() {
        return plan.kills() == 0 ? 5 : plan.files() * 9 / 10 / plan.kills() + 1;
    }

    private String output(int which) {
        return replicas.get(which).output();
    }

    private boolean within(Duration most, BooleanSupplier condition) throws InterruptedException {
        long until = System.nanoTime() + most.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > until) {
                return false;
            }
            clock.pause(Duration.ofMillis(5));
        }
        return true;
    }

    private IngestProcess start() {
        return IngestProcess.of(workload.workspace).run();
    }

    private void end(IngestProcess replica) throws InterruptedException {
        replica.kill();
        outputs.add(replica.output());
    }

    private void end() throws InterruptedException {
        for (IngestProcess replica : replicas) {
            end(replica);
        }
        replicas.clear();
    }

    private long loaded() {
        boolean none =
                workload.workspace
                        .database
                        .ask("SELECT to_regclass('citus_ingest.load')")
                        .equals("null");
        return none
                ? 0
                : workload.workspace.database.count("citus_ingest.load WHERE state = 'loaded'");
    }

    @Override
    public void close() {
        replicas.forEach(IngestProcess::close);
        network.close();
        storage.close();
    }
}
