package io.offerplane.shim.image;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;

/**
 * How the kernel's overlay file system is told what a layer removes from those below it: a character device 0/0 hides one name, an
 * attribute of a folder all that lower layers have in it. Java has no way to make either, so libc is called.
 */
final class OverlayMarks {
    private static final int CHARACTER_DEVICE = 0020000;

    private static final StructLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO = STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle MKNOD = call(
            "mknod",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG));

    private static final MethodHandle LSETXATTR = call(
            "lsetxattr",
            FunctionDescriptor.of(
                    ValueLayout.JAVA_INT,
                    ValueLayout.ADDRESS,
                    ValueLayout.ADDRESS,
                    ValueLayout.ADDRESS,
                    ValueLayout.JAVA_LONG,
                    ValueLayout.JAVA_INT));

    private OverlayMarks() {}

    @SuppressWarnings("restricted")
    private static MethodHandle call(String name, FunctionDescriptor type) {
        Linker linker = Linker.nativeLinker();
        return linker.downcallHandle(
                linker.defaultLookup().findOrThrow(name), type, Linker.Option.captureCallState("errno"));
    }

    /** Hides a name of lower layers; the layer itself has nothing by that name. */
    static void hide(Path path) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            int result = (int) MKNOD.invokeExact(state, arena.allocateFrom(path.toString()), CHARACTER_DEVICE, 0L);
            check(result, state, path);
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("mknod can't be called", e);
        }
    }

    /** Hides all that lower layers have in a folder. */
    static void hideBelow(Path folder) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment value = arena.allocateFrom("y");
            int result = (int) LSETXATTR.invokeExact(
                    state,
                    arena.allocateFrom(folder.toString()),
                    arena.allocateFrom("trusted.overlay.opaque"),
                    value,
                    1L,
                    0);
            check(result, state, folder);
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("lsetxattr can't be called", e);
        }
    }

    private static void check(int result, MemorySegment state, Path path) throws IOException {
        if (result != 0) {
            throw new IOException("'" + path + "' can't be marked as removed: error " + (int) ERRNO.get(state, 0L)
                    + " of the kernel; it needs root's rights and a file system with extended attributes");
        }
    }
}
