/*
 * session: a program that joins a running container, with its input and output carried in frames. The other mode of task-init, which every
 * container has mounted.
 *
 * usage: task-init --session TTY ROWS COLUMNS COMMAND ARGV0 [ARGUMENT...]
 *   TTY           1: the command gets a terminal of its own, else pipes
 *   ROWS COLUMNS  the terminal's size at first; 0 0 where nobody knows it
 *
 * frames: one byte of type, four bytes of length with the highest first, that many bytes
 *   in   'I' input; 'E' the end of input, nothing to a terminal; 'W' rows and columns, two bytes each; 'S' a signal's number, one byte,
 *        which the command's process group gets
 *   out  'B' the first one, without bytes: the command is about to start; 'O' standard output, or the terminal's; 'R' standard error; 'X' the last one: the command's status as wait(2) gives it
 *
 * The command's end is the session's: what it has written comes before 'X', what it has left behind is killed. So is all when the input ends
 * without a frame: then the agent is gone.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "session.h"

#define HEAD 5
#define MOST 65536

static unsigned char frame[HEAD + MOST];
static unsigned char pending[MOST];
static size_t pending_from, pending_to;

static int whole(int fd, unsigned char *data, size_t length) {
    while (length > 0) {
        ssize_t n = read(fd, data, length);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return 0;
        data += n;
        length -= (size_t) n;
    }
    return 1;
}

static uint32_t number(const unsigned char *at) {
    return (uint32_t) at[0] << 24 | (uint32_t) at[1] << 16 | (uint32_t) at[2] << 8 | at[3];
}

/* Waits for the agent to take it: the command waits with us, as at a terminal. */
static int tell(char type, size_t length) {
    frame[0] = (unsigned char) type;
    frame[1] = (unsigned char) (length >> 24);
    frame[2] = (unsigned char) (length >> 16);
    frame[3] = (unsigned char) (length >> 8);
    frame[4] = (unsigned char) length;
    size_t done = 0;
    while (done < HEAD + length) {
        ssize_t n = write(1, frame + done, HEAD + length - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return 0;
        done += (size_t) n;
    }
    return 1;
}

/* Returns 0 at the end of the stream, -1 when the agent is gone. */
static int carry(int fd, char type) {
    ssize_t n = read(fd, frame + HEAD, MOST);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return 1;
    if (n <= 0) return 0;
    return tell(type, (size_t) n) ? 1 : -1;
}

/* No more than pipes hold: a process that was left behind may write for ever. */
static void drain(int fd, char type) {
    for (int i = 0; fd >= 0 && i < 16; i++) {
        struct pollfd waiting = {fd, POLLIN, 0};
        if (poll(&waiting, 1, 0) <= 0 || carry(fd, type) <= 0) return;
    }
}

static void resize(int terminal, unsigned rows, unsigned columns) {
    struct winsize size;
    memset(&size, 0, sizeof size);
    size.ws_row = (unsigned short) rows;
    size.ws_col = (unsigned short) columns;
    ioctl(terminal, TIOCSWINSZ, &size);
}

/* Returns 0 when the agent is gone, or says what it never says. */
static int obey(int *input, int terminal, int is_terminal, pid_t child) {
    unsigned char head[HEAD];
    if (!whole(0, head, HEAD)) return 0;
    uint32_t length = number(head + 1);
    if (length > MOST || !whole(0, pending, length)) return 0;
    switch (head[0]) {
        case 'I':
            if (*input >= 0) {
                pending_from = 0;
                pending_to = length;
            }
            return 1;
        case 'E':
            if (!is_terminal && *input >= 0) {
                close(*input);
                *input = -1;
            }
            return 1;
        case 'W':
            if (length == 4 && is_terminal)
                resize(terminal, (unsigned) pending[0] << 8 | pending[1], (unsigned) pending[2] << 8 | pending[3]);
            return 1;
        case 'S':
            if (length == 1) kill(-child, pending[0]);
            return 1;
        default:
            return 0;
    }
}

static void feed(int *input) {
    ssize_t n = write(*input, pending + pending_from, pending_to - pending_from);
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) return;
    if (n < 0) {
        /* Nobody reads it any more. */
        pending_from = pending_to = 0;
        return;
    }
    pending_from += (size_t) n;
}

static int fail(const char *what) {
    size_t length = strlen(what);
    memcpy(frame + HEAD, what, length);
    tell('R', length);
    memcpy(frame + HEAD, "\0\0\1\0", 4);
    tell('X', 4);
    return 1;
}

static void run(char **arguments, const char *command, int slave, int *in, int *out, int *err, const sigset_t *before) {
    prctl(PR_SET_DUMPABLE, 1);
    setsid();
    if (slave >= 0) {
        ioctl(slave, TIOCSCTTY, 0);
        for (int i = 0; i < 3; i++) dup2(slave, i);
        if (slave > 2) close(slave);
    } else {
        dup2(in[0], 0);
        dup2(out[1], 1);
        dup2(err[1], 2);
    }
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, before, NULL);
    execvp(command, arguments);
    const char *error = strerror(errno);
    ssize_t ignored = write(2, "Failed to execute command: ", 27);
    ignored = write(2, error, strlen(error));
    ignored = write(2, "\n", 1);
    (void) ignored;
    _exit(errno == ENOENT ? 127 : 126);
}

int session(int argc, char **argv) {
    if (argc < 5) return 125;
    prctl(PR_SET_DUMPABLE, 0);
    signal(SIGPIPE, SIG_IGN);
    if (!tell('B', 0)) return 1;
    int is_terminal = argv[0][0] == '1';
    int terminal = -1, slave = -1;
    int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1};
    if (is_terminal) {
        terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (terminal < 0 || grantpt(terminal) || unlockpt(terminal)) return fail("The container has no terminals\n");
        char name[64];
        if (ptsname_r(terminal, name, sizeof name)) return fail("The container has no terminals\n");
        slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (slave < 0) return fail("The container's terminal can't be opened\n");
        unsigned rows = (unsigned) atoi(argv[1]), columns = (unsigned) atoi(argv[2]);
        if (rows > 0 && columns > 0) resize(terminal, rows, columns);
    } else if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC)) {
        return fail("No pipes are left\n");
    }
    sigset_t watched, before;
    sigemptyset(&watched);
    sigaddset(&watched, SIGCHLD);
    sigprocmask(SIG_BLOCK, &watched, &before);
    int signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
    pid_t child = fork();
    if (child < 0) return fail("No more processes are allowed\n");
    if (child == 0) run(argv + 4, argv[3], slave, in, out, err, &before);
    if (is_terminal) {
        close(slave);
    } else {
        close(in[0]);
        close(out[1]);
        close(err[1]);
    }
    int input = is_terminal ? terminal : in[1];
    int first = is_terminal ? terminal : out[0];
    int second = err[0];
    /* Neither may hold us up while the other side waits for us. */
    fcntl(input, F_SETFL, O_NONBLOCK);
    fcntl(first, F_SETFL, O_NONBLOCK);
    if (second >= 0) fcntl(second, F_SETFL, O_NONBLOCK);

    int gone = 0, ended = 0, status = 0;
    while (!ended && !gone) {
        int feeding = input >= 0 && pending_from < pending_to;
        struct pollfd fds[5] = {
            {signals, POLLIN, 0},
            /* The next frame only when the one before has found its way. */
            {feeding ? -1 : 0, POLLIN, 0},
            {first, POLLIN, 0},
            {second, POLLIN, 0},
            {feeding ? input : -1, POLLOUT, 0}};
        if (poll(fds, 5, -1) < 0 && errno != EINTR) break;
        if (fds[2].revents) {
            int more = carry(first, 'O');
            if (more < 0) gone = 1;
            if (more == 0) first = -1;
        }
        if (fds[3].revents) {
            int more = carry(second, 'R');
            if (more < 0) gone = 1;
            if (more == 0) second = -1;
        }
        if (fds[4].revents) feed(&input);
        if (fds[1].revents && !obey(&input, terminal, is_terminal, child)) gone = 1;
        struct signalfd_siginfo info;
        while (read(signals, &info, sizeof info) == sizeof info) continue;
        ended = waitpid(child, &status, WNOHANG) == child;
    }
    kill(-child, SIGKILL);
    if (!ended) waitpid(child, &status, 0);
    if (gone) return 1;
    /* What is in the pipes by now; what others still write is theirs. */
    drain(first, 'O');
    drain(second, 'R');
    frame[HEAD] = (unsigned char) (status >> 24);
    frame[HEAD + 1] = (unsigned char) (status >> 16);
    frame[HEAD + 2] = (unsigned char) (status >> 8);
    frame[HEAD + 3] = (unsigned char) status;
    tell('X', 4);
    return 0;
}
