package io.offerplane.mesos.translate;

import java.math.BigDecimal;
import java.math.MathContext;

/** Numbers in messages as C++ prints them with 15 digits, which is how clients know Mesos' texts. */
public final class NumberText {
    private NumberText() {}

    public static String of(double value) {
        if (Double.isNaN(value)) {
            return "nan";
        }
        if (Double.isInfinite(value)) {
            return value > 0 ? "inf" : "-inf";
        }
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return Long.toString((long) value);
        }
        BigDecimal digits = new BigDecimal(value).round(new MathContext(15));
        int exponent = digits.precision() - digits.scale() - 1;
        if (exponent >= -5 && exponent < 15) {
            return digits.stripTrailingZeros().toPlainString();
        }
        String mantissa = digits.movePointLeft(exponent).stripTrailingZeros().toPlainString();
        return mantissa + (exponent < 0 ? "e-" : "e+") + (Math.abs(exponent) < 10 ? "0" : "") + Math.abs(exponent);
    }
}
