package io.offerplane.protocol.mesos;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Complete messages of any type, at random: every required field set, the others now and then. */
final class RandomMessages {
    private final Random random;

    RandomMessages(long seed) {
        this.random = new Random(seed);
    }

    Message fill(Message.Builder builder) {
        return fill(builder, 0);
    }

    private Message fill(Message.Builder builder, int depth) {
        for (FieldDescriptor field : builder.getDescriptorForType().getFields()) {
            boolean message = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE;
            if (!field.isRequired() && (random.nextInt(4) > 0 || (message && depth > 5))) {
                continue;
            }
            if (field.isMapField()) {
                Set<String> keys = new HashSet<>();
                for (int i = random.nextInt(3); i > 0; i--) {
                    Message.Builder entry = builder.newBuilderForField(field);
                    FieldDescriptor key = entry.getDescriptorForType().findFieldByNumber(1);
                    FieldDescriptor value = entry.getDescriptorForType().findFieldByNumber(2);
                    String name = text();
                    if (keys.add(name)) {
                        entry.setField(key, name).setField(value, value(entry, value, depth));
                        builder.addRepeatedField(field, entry.build());
                    }
                }
            } else if (field.isRepeated()) {
                for (int i = random.nextInt(3); i > 0; i--) {
                    builder.addRepeatedField(field, value(builder, field, depth));
                }
            } else {
                builder.setField(field, value(builder, field, depth));
            }
        }
        return builder.build();
    }

    private Object value(Message.Builder owner, FieldDescriptor field, int depth) {
        return switch (field.getJavaType()) {
            case INT -> field.getType() == FieldDescriptor.Type.UINT32 ? random.nextInt() : random.nextInt() / 2;
            case LONG -> random.nextInt(3) == 0 ? random.nextLong() : (long) random.nextInt(100_000);
            case FLOAT -> random.nextFloat();
            case DOUBLE -> random.nextInt(2) == 0 ? random.nextInt(1000) : random.nextDouble() * 1e6;
            case BOOLEAN -> random.nextBoolean();
            case STRING -> text();
            case BYTE_STRING -> {
                byte[] bytes = new byte[random.nextInt(20)];
                random.nextBytes(bytes);
                yield ByteString.copyFrom(bytes);
            }
            case ENUM -> {
                List<EnumValueDescriptor> values = field.getEnumType().getValues();
                yield values.get(random.nextInt(values.size()));
            }
            case MESSAGE -> fill(owner.newBuilderForField(field), depth + 1);
        };
    }

    private String text() {
        StringBuilder text = new StringBuilder();
        String letters = "abc/..*\"\\\n\u0000\u00e9\u4e2d{}[],: 0";
        for (int i = random.nextInt(8); i > 0; i--) {
            text.append(letters.charAt(random.nextInt(letters.length())));
        }
        return text.toString();
    }
}
