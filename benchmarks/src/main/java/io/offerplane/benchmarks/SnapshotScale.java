package io.offerplane.benchmarks;

import io.offerplane.engine.Decision;
import io.offerplane.engine.EngineSnapshot;
import io.offerplane.engine.OfferEngine;
import io.offerplane.engine.framework.AttributeConstraint.TextPattern;
import io.offerplane.engine.recording.ValueCodec;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Supplier;

/** How long a snapshot of a big cluster takes, to go on from and as bytes, and how big it is. Prints a table. */
public final class SnapshotScale {
    private static final int ROUNDS = 15;

    private SnapshotScale() {}

    /** None of these frameworks has one. */
    private static TextPattern noExpressions(String text) {
        throw new IllegalStateException("expression: " + text);
    }

    public static void main(String[] arguments) {
        ValueCodec<EngineSnapshot> codec = ValueCodec.of(EngineSnapshot.class, SnapshotScale::noExpressions);
        System.out.println(
                "| state | agents x frameworks | snapshot ms | restore ms | encode ms | decode ms | bytes per agent |");
        System.out.println("|---|---|---:|---:|---:|---:|---:|");
        for (int[] size : new int[][] {{1_000, 100}, {10_000, 1_000}}) {
            OfferMarket market = new OfferMarket(size[0], size[1], OfferMarket.Tree.TWO_LEVELS);
            Decision offered = market.cycle();
            measure("all on offer", size, market, codec);
            market.decline(offered, 3600);
            measure("all refused by one for an hour", size, market, codec);
            OfferMarket busy = new OfferMarket(size[0], size[1], OfferMarket.Tree.TWO_LEVELS);
            for (int i = 0; i < 4; i++) {
                busy.launch(busy.cycle(), 1, 0);
            }
            measure("4 tasks on each, the rest free", size, busy, codec);
        }
    }

    private static void measure(String state, int[] size, OfferMarket market, ValueCodec<EngineSnapshot> codec) {
        EngineSnapshot snapshot = market.engine().snapshot();
        byte[] bytes = codec.encode(snapshot);
        double take = median(() -> market.engine().snapshot());
        double restore = median(() -> OfferEngine.restore(OfferMarket.CONFIG, snapshot));
        double encode = median(() -> codec.encode(snapshot));
        double decode = median(() -> codec.decode(bytes));
        if (!codec.decode(bytes).equals(snapshot)) {
            throw new IllegalStateException("what was decoded is not what was encoded");
        }
        System.out.printf(
                Locale.ROOT,
                "| %s | %d x %d | %.1f | %.1f | %.1f | %.1f | %d |%n",
                state,
                size[0],
                size[1],
                take,
                restore,
                encode,
                decode,
                bytes.length / size[0]);
    }

    private static double median(Supplier<?> work) {
        double[] times = new double[ROUNDS];
        for (int i = -ROUNDS; i < ROUNDS; i++) {
            long start = System.nanoTime();
            if (work.get() == null) {
                throw new IllegalStateException("nothing came of it");
            }
            if (i >= 0) {
                times[i] = (System.nanoTime() - start) / 1e6;
            }
        }
        Arrays.sort(times);
        return times[ROUNDS / 2];
    }
}
