package org.citusingest.citus;

import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Message;

/**
 * The end of a split into batches: {@code aggregationStrategy: "#loadResult"}.
 *
 * <p>Remembers the first failure of a batch. When all batches have ended it publishes the load, or
 * takes it back; the steps after the split see the load published, with its {@link LoadTotals} as
 * the body, or are not reached.
 */
public final class LoadResult implements AggregationStrategy {
    private static final String BATCHES = "CamelCitusBatches";

    @Override
    public Exchange aggregate(Exchange result, Exchange batch) {
        // The rows have been used; their memory must not wait for the end of the load.
        batch.getMessage().setBody(null);
        if (result == null) {
            batch.setProperty(BATCHES, 1L);
            return batch;
        }
        result.setProperty(BATCHES, batches(result) + 1);
        boolean better =
                result.getException() == null || (isConsequence(result) && !isConsequence(batch));
        if (better && batch.getException() != null) {
            result.setException(batch.getException());
        }
        return result;
    }

    private static long batches(Exchange result) {
        return result == null ? 0 : result.getProperty(BATCHES, Long.class);
    }

    // "Another batch failed" is no reason when the reason itself is there.
    private static boolean isConsequence(Exchange exchange) {
        return exchange.getException(LoadAbortedException.class) != null;
    }

    @Override
    public void onCompletion(Exchange result, Exchange input) {
        OpenLoads loads = input.getContext().getComponent("citus", CitusComponent.class).loads();
        Exchange answer = result == null ? input : result;
        Exception failure =
                answer.getException() != null ? answer.getException() : input.getException();
        if (failure != null) {
            loads.abort(input, failure);
            answer.setException(LoadAbortedException.reason(failure));
            return;
        }
        try {
            set(answer.getMessage(), loads.publish(input, batches(result)));
        } catch (Exception e) {
            answer.setException(e);
        }
        // What follows is no part of the split any more.
        answer.removeProperty(ExchangePropertyKey.SPLIT_INDEX);
        answer.removeProperty(ExchangePropertyKey.SPLIT_COMPLETE);
        answer.removeProperty(ExchangePropertyKey.SPLIT_SIZE);
    }

    static void set(Message message, LoadTotals totals) {
        message.setBody(totals);
        message.setHeader(CitusConstants.LOAD_ID, totals.loadId());
        message.setHeader(CitusConstants.ROWS_COPIED, totals.rowsCopied());
        message.setHeader(CitusConstants.ROWS_REJECTED, totals.rowsRejected());
    }
}
