package io.offerplane.yarn.node.localize;

import java.io.IOException;
import java.io.InputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.permission.FsAction;

/** A file that is to be brought here. To be closed. */
sealed interface Source extends AutoCloseable permits Source.OfHadoop, LocalFile {
    boolean isDirectory();

    /** In milliseconds since the epoch. */
    long modified();

    long length();

    /** Whether everybody may read it and pass each directory above it. */
    boolean isPublic() throws IOException;

    InputStream open() throws IOException;

    @Override
    void close() throws IOException;

    /** On one of Hadoop's file systems. */
    record OfHadoop(FileSystem files, org.apache.hadoop.fs.Path path, FileStatus status) implements Source {
        static OfHadoop find(FileSystem files, org.apache.hadoop.fs.Path path) throws IOException {
            try {
                return new OfHadoop(files, path, files.getFileStatus(path));
            } catch (IOException | RuntimeException e) {
                files.close();
                throw e;
            }
        }

        @Override
        public boolean isDirectory() {
            return status.isDirectory();
        }

        @Override
        public long modified() {
            return status.getModificationTime();
        }

        @Override
        public long length() {
            return status.getLen();
        }

        @Override
        public boolean isPublic() throws IOException {
            if (path.toUri().getScheme().startsWith("http")) {
                return true;
            }
            if (!status.getPermission().getOtherAction().implies(FsAction.READ)) {
                return false;
            }
            for (org.apache.hadoop.fs.Path at = path.getParent(); at != null; at = at.getParent()) {
                if (!files.getFileStatus(at).getPermission().getOtherAction().implies(FsAction.EXECUTE)) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public InputStream open() throws IOException {
            return files.open(path);
        }

        @Override
        public void close() throws IOException {
            files.close();
        }
    }
}
