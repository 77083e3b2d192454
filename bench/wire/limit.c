/* What the kernel alone allows: the same bytes to the same sockets, written by a loop of `send` and nothing else.
 *
 * Says its port. Takes WebSockets, lets everyone in and answers a join; each event comes at its input as
 * "CLINIC SIZE\n" and SIZE bytes, which are framed once and sent to who joined that clinic.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLINICS 1024
#define SOCKETS 65536

static int *members[CLINICS], present[CLINICS];
static char upgraded[SOCKETS];

static void fail(const char *what) {
    fprintf(stderr, "limit: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void put(int fd, const char *data, size_t size) {
    while (size) {
        ssize_t sent = send(fd, data, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) continue; /* its clients read */
        if (sent < 0) return;
        data += sent, size -= (size_t)sent;
    }
}

static size_t frame(char *out, const char *text, size_t size) {
    size_t start = size < 126 ? 2 : 4;
    out[0] = (char)0x81;
    out[1] = size < 126 ? (char)size : 126;
    if (start == 4) out[2] = (char)(size >> 8), out[3] = (char)size;
    memcpy(out + start, text, size);
    return start + size;
}

static void say(int fd, const char *text) {
    char framed[256];
    put(fd, framed, frame(framed, text, strlen(text)));
}

static void hear(int fd) {
    char data[8192];
    ssize_t got = read(fd, data, sizeof data - 1);
    if (got <= 0) { close(fd); return; }
    data[got] = 0;
    if (!upgraded[fd]) {
        static const char *welcome =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
        upgraded[fd] = 1;
        put(fd, welcome, strlen(welcome));
        say(fd, "0{\"sid\":\"x\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000}");
    } else if (memmem(data, (size_t)got, "token", 5)) {
        say(fd, "40{\"sid\":\"x\"}");
    } else {
        char *at = memmem(data, (size_t)got, "clinic_id\":", 11);
        if (!at) return;
        int clinic = atoi(at + 11) % CLINICS;
        if (present[clinic] % 64 == 0)
            members[clinic] = realloc(members[clinic], sizeof(int) * (size_t)(present[clinic] + 64));
        members[clinic][present[clinic]++] = fd;
        say(fd, "431[{\"ok\":true}]");
    }
}

static void need(char *into, size_t size) {
    while (size) {
        ssize_t got = read(0, into, size);
        if (got <= 0) exit(0);
        into += got, size -= (size_t)got;
    }
}

static void forward(void) {
    static char text[1 << 16], framed[(1 << 16) + 4];
    char line[64];
    size_t at = 0;
    do need(line + at, 1);
    while (line[at++] != '\n' && at < sizeof line);
    int clinic = 0;
    size_t size = 0;
    if (sscanf(line, "%d %zu", &clinic, &size) != 2 || size >= sizeof text) fail("what is this event");
    need(text, size);
    size_t whole = frame(framed, text, size);
    for (int one = 0; one < present[clinic % CLINICS]; one++) put(members[clinic % CLINICS][one], framed, whole);
}

int main(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max < SOCKETS ? limit.rlim_max : SOCKETS;
    setrlimit(RLIMIT_NOFILE, &limit);
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM, 0), poll_fd = epoll_create1(0), yes = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 4096)) fail("listen");
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    struct epoll_event wanted = {.events = EPOLLIN, .data.fd = 0}, ready[64];
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, 0, &wanted);
    wanted.data.fd = listener;
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, listener, &wanted);
    for (;;) {
        int found = epoll_wait(poll_fd, ready, 64, -1);
        for (int at = 0; at < found; at++) {
            int fd = ready[at].data.fd;
            if (fd == 0) {
                forward();
            } else if (fd == listener) {
                wanted.data.fd = accept(listener, NULL, NULL);
                if (wanted.data.fd < 0) fail("accept");
                setsockopt(wanted.data.fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
                fcntl(wanted.data.fd, F_SETFL, O_NONBLOCK);
                upgraded[wanted.data.fd] = 0;
                epoll_ctl(poll_fd, EPOLL_CTL_ADD, wanted.data.fd, &wanted);
            } else {
                hear(fd);
            }
        }
    }
}
