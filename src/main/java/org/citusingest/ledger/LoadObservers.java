package org.citusingest.ledger;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Those who observe the loads of a ledger, as one. */
final class LoadObservers implements LoadObserver {
    private final List<LoadObserver> all = new CopyOnWriteArrayList<>();

    LoadObservers(LoadObserver first) {
        all.add(first);
    }

    void add(LoadObserver observer) {
        all.add(observer);
    }

    private void tell(Consumer<LoadObserver> event) {
        all.forEach(event);
    }

    @Override
    public void claimed(Claim claim) {
        tell(one -> one.claimed(claim));
    }

    @Override
    public void worked(List<Claim> claims, Work work) {
        tell(one -> one.worked(claims, work));
    }

    @Override
    public void loaded(Claim claim, long rows, long rejected, double seconds) {
        tell(one -> one.loaded(claim, rows, rejected, seconds));
    }

    @Override
    public void failed(Claim claim, String error) {
        tell(one -> one.failed(claim, error));
    }

    @Override
    public void skipped(Claim claim, String reason) {
        tell(one -> one.skipped(claim, reason));
    }

    @Override
    public void retried(Claim claim, String error) {
        tell(one -> one.retried(claim, error));
    }

    @Override
    public void failedAfterLoad(Claim claim, String error) {
        tell(one -> one.failedAfterLoad(claim, error));
    }
}
