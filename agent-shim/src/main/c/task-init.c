/*
 * task-init: process 1 of a task's container.
 *
 * It starts the task's command, carries the command's output into the sandbox's "stdout" and "stderr", and writes down how
 * the command really ended. It exists because
 *   - a pid namespace gives process 1 no default signal actions, so `sleep` as process 1 would never die of SIGTERM;
 *   - an exit code of 143 alone doesn't tell `exit 143` from a death by SIGTERM, and frameworks are told which it was;
 *   - output has to reach the sandbox while no shim runs, with the task's own rights, and be rotated without a byte lost
 *     and without a signal to the task. Whoever holds the other end of the pipe can do that; nobody else can.
 *
 * usage: task-init --session ...: another matter, see session.c
 * usage: task-init STATUS_FILE SANDBOX MAX_BYTES KEPT_FILES COMMAND ARGV0 [ARGUMENT...]
 *        task-init --parked ORDERS STATUS_FILE SANDBOX MAX_BYTES KEPT_FILES
 *   COMMAND     found through PATH; ARGV0 and what follows become its argument vector
 *   MAX_BYTES   a file that would grow beyond this is renamed to NAME.1 (NAME.1 to NAME.2, ...) first; 0 means never
 *   KEPT_FILES  rotated files that stay beside the current one
 *   ORDERS      of a container that was made ahead of its task: a folder that the task can't write, with a pipe "wake" and, once
 *               there is a task, a file "order" that says what and as whom to run. Parked, it is root with few capabilities;
 *               it becomes the task's user before it opens anything of the task's, and goes on as if it had been started so.
 *
 * An order is a sequence of texts, each ended by a NUL: "1", user, group, number of further groups, these, working directory,
 * command, number of arguments, these, number of variables, these, "end". It appears whole, by a rename; a byte in the pipe
 * only says that it is worth a look.
 *
 * signals: SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1 go to every process of the container. SIGUSR2 kills them all with
 * SIGKILL; process 1 itself then still drains the pipes and writes the status, which a SIGKILL from outside would prevent.
 *
 * STATUS_FILE receives one line: "exited CODE", "signaled NUMBER CORE" or, before the command could be started,
 * "failed ERRNO". Only async-signal-safe and allocation-free code after start-up: the container may be out of memory.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "session.h"

/* How long output may still come after the last process has been killed: pipes are empty by then, unless the disk hangs. */
#define DRAIN_MILLIS 10000

struct stream {
    const char *name;
    int pipe;
    int file;
    long long size;
};

static char buffer[65536];
static long long max_bytes;
static int kept_files;

static void say(int fd, const char *text) {
    ssize_t ignored = write(fd, text, strlen(text));
    (void) ignored;
}

static void open_file(struct stream *s) {
    /* O_NOFOLLOW: what a link points to isn't this task's log. The rights are the task's own in any case. */
    s->file = open(s->name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    s->size = 0;
    struct stat st;
    if (s->file >= 0 && fstat(s->file, &st) == 0) s->size = st.st_size;
}

static void rotate(struct stream *s) {
    char from[64], to[64];
    for (int i = kept_files; i >= 1; i--) {
        if (i == 1) snprintf(from, sizeof from, "%s", s->name);
        else snprintf(from, sizeof from, "%s.%d", s->name, i - 1);
        snprintf(to, sizeof to, "%s.%d", s->name, i);
        rename(from, to);
    }
    if (kept_files == 0) unlink(s->name);
    close(s->file);
    open_file(s);
}

/* A full disk costs output, never the task: what can't be written is dropped. */
static void store(struct stream *s, const char *data, size_t length) {
    if (s->file < 0) open_file(s);
    while (length > 0 && s->file >= 0) {
        if (max_bytes > 0 && s->size >= max_bytes) rotate(s);
        size_t room = length;
        if (max_bytes > 0 && (long long) room > max_bytes - s->size) room = (size_t) (max_bytes - s->size);
        ssize_t n = write(s->file, data, room);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return;
        data += n;
        length -= (size_t) n;
        s->size += n;
    }
}

/* Returns 0 at the end of the stream. */
static int carry(struct stream *s) {
    ssize_t n = read(s->pipe, buffer, sizeof buffer);
    if (n < 0) return errno == EINTR || errno == EAGAIN;
    if (n == 0) {
        close(s->pipe);
        s->pipe = -1;
        return 0;
    }
    store(s, buffer, (size_t) n);
    return 1;
}

static void write_status(int fd, const char *kind, int number, int core) {
    char line[64];
    int n = core < 0 ? snprintf(line, sizeof line, "%s %d\n", kind, number)
                     : snprintf(line, sizeof line, "%s %d %d\n", kind, number, core);
    ssize_t ignored = pwrite(fd, line, (size_t) n, 0);
    (void) ignored;
}

/* What an order says, as texts within the file's content. */
struct order {
    uid_t uid;
    gid_t gid;
    size_t groups_count;
    gid_t *groups;
    const char *directory;
    const char *command;
    char **arguments;
    char **variables;
};

/* The texts that have not been read yet. */
struct texts {
    char *at;
    char *end;
};

static char *next_text(struct texts *t) {
    char *text = t->at;
    if (text >= t->end) return NULL;
    char *nul = memchr(text, 0, (size_t) (t->end - text));
    if (!nul) return NULL;
    t->at = nul + 1;
    return text;
}

/* Returns -1 when it is no number. */
static long next_number(struct texts *t) {
    char *text = next_text(t), *rest;
    if (!text || *text < '0' || *text > '9') return -1;
    errno = 0;
    long number = strtol(text, &rest, 10);
    return *rest || errno ? -1 : number;
}

/* A number of texts, as a list that ends with NULL; NULL when there are fewer. */
static char **next_list(struct texts *t) {
    long count = next_number(t);
    /* Each takes a byte at least. */
    if (count < 0 || count > t->end - t->at) return NULL;
    char **list = calloc((size_t) count + 1, sizeof *list);
    for (long i = 0; list && i < count; i++) {
        list[i] = next_text(t);
        if (!list[i]) return NULL;
    }
    return list;
}

static int read_order(struct texts t, struct order *order) {
    char *version = next_text(&t);
    if (!version || strcmp(version, "1") != 0) return -1;
    long uid = next_number(&t), gid = next_number(&t);
    char **groups = next_list(&t);
    if (uid < 0 || gid < 0 || !groups) return -1;
    order->uid = (uid_t) uid;
    order->gid = (gid_t) gid;
    while (groups[order->groups_count]) order->groups_count++;
    order->groups = calloc(order->groups_count + 1, sizeof *order->groups);
    if (!order->groups) return -1;
    for (size_t i = 0; i < order->groups_count; i++) order->groups[i] = (gid_t) strtoul(groups[i], NULL, 10);
    order->directory = next_text(&t);
    order->command = next_text(&t);
    order->arguments = next_list(&t);
    order->variables = next_list(&t);
    char *end = next_text(&t);
    return order->arguments && order->arguments[0] && order->variables && end && strcmp(end, "end") == 0 ? 0 : -1;
}

/* Waits until there is an order. The pipe is opened first: who writes the order and then to the pipe is heard in any case. */
static int await_order(const char *folder, struct order *order) {
    int orders = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    /* Open for both, it neither waits for a writer nor ends with one. */
    int wake = openat(orders, "wake", O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (orders < 0 || wake < 0) return -1;
    int file;
    while ((file = openat(orders, "order", O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) < 0) {
        char byte;
        if (errno != ENOENT || (read(wake, &byte, 1) < 0 && errno != EINTR)) return -1;
    }
    struct stat st;
    if (fstat(file, &st) != 0) return -1;
    char *content = malloc((size_t) st.st_size + 1);
    if (!content) return -1;
    size_t length = 0;
    while (length < (size_t) st.st_size) {
        ssize_t n = read(file, content + length, (size_t) st.st_size - length);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return -1;
        length += (size_t) n;
    }
    close(file);
    close(wake);
    close(orders);
    errno = EINVAL;
    return read_order((struct texts) {content, content + length}, order);
}

/* Becomes the task's user for good. What the OCI runtime would have left a user other than root: no capability, and none to come. */
static int become(const struct order *order) {
    if (order->uid != 0) {
        for (int capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; capability++) {
            if (prctl(PR_CAPBSET_DROP, capability) != 0) return -1;
        }
    }
    if (setgroups(order->groups_count, order->groups) || setgid(order->gid) || setuid(order->uid)) return -1;
    return prctl(PR_SET_DUMPABLE, 0);
}

static long long now_millis(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "--session") == 0) return session(argc - 2, argv + 2);
    const char *orders = NULL;
    if (argc > 2 && strcmp(argv[1], "--parked") == 0) {
        orders = argv[2];
        argv += 2;
        argc -= 2;
    }
    if (argc < (orders ? 5 : 7)) {
        say(2, "usage: task-init [--parked ORDERS] STATUS_FILE SANDBOX MAX_BYTES KEPT_FILES [COMMAND ARGV0 [ARGUMENT...]]\n");
        return 125;
    }
    /* The task can't trace or read this process, nor make it dump. */
    prctl(PR_SET_DUMPABLE, 0);
    int status_fd = open(argv[1], O_WRONLY | O_CLOEXEC);
    /* Before it parks: whoever has given an order may signal at once. */
    sigset_t watched, before;
    sigemptyset(&watched);
    const int passed[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1};
    for (size_t i = 0; i < sizeof passed / sizeof *passed; i++) sigaddset(&watched, passed[i]);
    sigaddset(&watched, SIGUSR2);
    sigaddset(&watched, SIGCHLD);
    sigprocmask(SIG_BLOCK, &watched, &before);

    struct order order = {0};
    if (orders) {
        if (await_order(orders, &order) != 0 || become(&order) != 0 || chdir(order.directory) != 0) {
            write_status(status_fd, "failed", errno, -1);
            say(2, "task-init: the order can't be carried out\n");
            return 125;
        }
        environ = order.variables;
    }
    /* The command starts where this process did; what it says goes to the sandbox. */
    int start = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (status_fd < 0 || start < 0 || chdir(argv[2]) != 0) {
        say(2, "task-init: the status file or the sandbox can't be opened\n");
        return 125;
    }
    max_bytes = atoll(argv[3]);
    kept_files = atoi(argv[4]);
    const char *command = orders ? order.command : argv[5];
    char **arguments = orders ? order.arguments : argv + 6;

    struct stream out = {"stdout", -1, -1, 0}, err = {"stderr", -1, -1, 0};
    open_file(&out);
    open_file(&err);
    int o[2], e[2];
    if (pipe2(o, O_CLOEXEC) || pipe2(e, O_CLOEXEC)) {
        write_status(status_fd, "failed", errno, -1);
        return 125;
    }
    out.pipe = o[0];
    err.pipe = e[0];
    int signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);

    pid_t child = fork();
    if (child < 0) {
        write_status(status_fd, "failed", errno, -1);
        return 125;
    }
    if (child == 0) {
        prctl(PR_SET_DUMPABLE, 1);
        setsid();
        int null = open("/dev/null", O_RDONLY);
        if (null >= 0) dup2(null, 0);
        dup2(o[1], 1);
        dup2(e[1], 2);
        if (null > 2) close(null);
        if (fchdir(start) != 0) {
            say(2, "task-init: the working directory is gone\n");
            _exit(1);
        }
        sigprocmask(SIG_SETMASK, &before, NULL);
        execvp(command, arguments);
        int error = errno;
        say(2, "Failed to execute command: ");
        say(2, strerror(error));
        say(2, "\n");
        _exit(1);
    }
    close(o[1]);
    close(e[1]);

    int ended = 0, nobody = 0, wait_status = 0;
    long long give_up = 0;
    for (;;) {
        if (nobody && out.pipe < 0 && err.pipe < 0) break;
        if (nobody && now_millis() > give_up) break;
        struct pollfd fds[3] = {{signals, POLLIN, 0}, {out.pipe, POLLIN, 0}, {err.pipe, POLLIN, 0}};
        if (poll(fds, 3, ended ? 100 : -1) < 0 && errno != EINTR) break;
        if (fds[1].revents) carry(&out);
        if (fds[2].revents) carry(&err);
        if (fds[0].revents & POLLIN) {
            struct signalfd_siginfo info;
            while (read(signals, &info, sizeof info) == sizeof info) {
                if (info.ssi_signo == SIGCHLD) continue;
                kill(-1, info.ssi_signo == SIGUSR2 ? SIGKILL : (int) info.ssi_signo);
            }
        }
        /* The task is its command: what it left behind ends with it. */
        if (ended && !nobody) kill(-1, SIGKILL);
        /* Orphans of the container come here too; they are reaped and forgotten. */
        for (;;) {
            int status;
            pid_t pid = waitpid(-1, &status, WNOHANG);
            if (pid == child) {
                wait_status = status;
                ended = 1;
                if (WIFSIGNALED(status)) write_status(status_fd, "signaled", WTERMSIG(status), WCOREDUMP(status) ? 1 : 0);
                else write_status(status_fd, "exited", WEXITSTATUS(status), -1);
                kill(-1, SIGKILL);
                continue;
            }
            if (pid > 0) continue;
            if (ended && !nobody && pid < 0 && errno == ECHILD) {
                nobody = 1;
                give_up = now_millis() + DRAIN_MILLIS;
            }
            break;
        }
    }
    return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}
