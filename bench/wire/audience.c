/* Screens of many clinics, cheaper than any server that is measured with them.
 *
 * audience PORT COUNT ROOMS TOKENS AT_ONCE REPORT
 *
 * Opens COUNT WebSockets to 127.0.0.1:PORT, AT_ONCE of them in their handshake at a time; the n-th shows the n-th
 * line of the file TOKENS and joins clinic 1 + n % ROOMS. Says `joined SECONDS` when each has its acknowledgement,
 * then the number of events so far, every REPORT of them and whenever there is nothing to read. A line at its input
 * is answered with `latency COUNT P50 P99`: microseconds since the CLOCK_MONOTONIC time that an event's reason
 * begins with ("T" and 19 digits of nanoseconds), of what came since the line before. Ends with its input.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define HEAD 128
#define BUCKETS 4000000 /* microseconds, the last one for all above */
#define EVENT "42[\"visit_cancelled\""
#define INPUT UINT32_MAX

struct screen {
    int fd;
    int upgraded; /* 4 when the blank line of the answer was seen */
    int have;     /* bytes of the frame's beginning in head */
    uint64_t skip;
    unsigned char head[HEAD];
};

static struct screen *screens;
static char **tokens;
static int port, count, rooms, token_count, poll_fd, opened, joined;
static uint64_t events, reported;
static uint32_t latencies[BUCKETS];

static void fail(const char *what) {
    fprintf(stderr, "audience: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (uint64_t)at.tv_sec * 1000000000u + (uint64_t)at.tv_nsec;
}

static void put(struct screen *screen, const char *text, size_t size) {
    unsigned char frame[4096] = {0x81};
    size_t at = 2;
    if (size > sizeof frame - 8) fail("a message is too long");
    if (size < 126) {
        frame[1] = (unsigned char)(0x80 | size);
    } else {
        frame[1] = 0x80 | 126;
        frame[2] = (unsigned char)(size >> 8);
        frame[3] = (unsigned char)size;
        at = 4;
    }
    memset(frame + at, 0, 4); /* a mask of zeros is a mask */
    memcpy(frame + at + 4, text, size);
    if (write(screen->fd, frame, at + 4 + size) < 0) fail("write");
}

static void open_next(void) {
    static const char *ask =
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: Y2xpbmljd2lyZSBiZW5jaA==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct epoll_event wanted = {.events = EPOLLIN, .data.u32 = (uint32_t)opened};
    struct screen *screen = &screens[opened++];
    int yes = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    screen->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (screen->fd < 0 || connect(screen->fd, (struct sockaddr *)&address, sizeof address)) fail("connect");
    setsockopt(screen->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    fcntl(screen->fd, F_SETFL, O_NONBLOCK);
    if (epoll_ctl(poll_fd, EPOLL_CTL_ADD, screen->fd, &wanted)) fail("epoll_ctl");
    if (write(screen->fd, ask, strlen(ask)) < 0) fail("write");
}

static void hear(struct screen *screen, const char *text, size_t size) {
    char said[4096];
    if (size > 20 && !memcmp(text, EVENT, sizeof EVENT - 1)) {
        const char *at = memmem(text, size, "\"T", 2);
        events++;
        if (at && at + 21 <= text + size) {
            uint64_t since = 0, taken, sent;
            for (int digit = 2; digit < 21; digit++) since = since * 10 + (uint64_t)(at[digit] - '0');
            sent = now();
            taken = (sent - since) / 1000;
            latencies[taken < BUCKETS ? taken : BUCKETS - 1]++;
        }
    } else if (size >= 2 && !memcmp(text, "40", 2)) {
        int clinic = 1 + (int)(screen - screens) % rooms;
        put(screen, said, (size_t)sprintf(said, "421[\"join_queue_room\",{\"clinic_id\":%d}]", clinic));
    } else if (size >= 2 && !memcmp(text, "43", 2)) {
        joined++;
        if (opened < count) open_next();
    } else if (size >= 2 && !memcmp(text, "44", 2)) {
        fprintf(stderr, "audience: refused: %.*s\n", (int)size, text);
        exit(1);
    } else if (size && text[0] == '2') {
        put(screen, "3", 1);
    } else if (size && text[0] == '0') {
        const char *token = tokens[(screen - screens) % token_count];
        put(screen, said, (size_t)snprintf(said, sizeof said, "40{\"token\":\"%s\"}", token));
    }
}

/* Read frames; of each only its first bytes are looked at. */
static void take(struct screen *screen, const unsigned char *data, size_t size) {
    static const char *blank = "\r\n\r\n";
    while (size && screen->upgraded < 4) {
        screen->upgraded = *data == blank[screen->upgraded] ? screen->upgraded + 1 : *data == '\r';
        data++, size--;
    }
    while (size) {
        if (screen->skip) {
            size_t passed = screen->skip < size ? screen->skip : size;
            screen->skip -= passed, data += passed, size -= passed;
            continue;
        }
        size_t room = HEAD - (size_t)screen->have, given = size < room ? size : room;
        unsigned char *head = screen->head;
        memcpy(head + screen->have, data, given);
        size_t have = (size_t)screen->have + given, start = 2;
        if (have < 2) { screen->have = (int)have; return; }
        uint64_t length = head[1] & 0x7f;
        if (length == 126) {
            if (have < 4) { screen->have = (int)have; return; }
            length = (uint64_t)head[2] << 8 | head[3], start = 4;
        } else if (length == 127) {
            if (have < 10) { screen->have = (int)have; return; }
            length = 0, start = 10;
            for (int at = 2; at < 10; at++) length = length << 8 | head[at];
        }
        size_t wanted = start + length < HEAD ? start + length : HEAD;
        if (have < wanted) { screen->have = (int)have; return; }
        if ((head[0] & 0x0f) == 8) fail("the server closed a connection");
        hear(screen, (char *)head + start, wanted - start);
        size_t used = wanted - (size_t)screen->have;
        data += used, size -= used;
        screen->skip = start + length - wanted;
        screen->have = 0;
    }
}

static void answer(void) {
    char line[64];
    if (read(0, line, sizeof line) <= 0) exit(0);
    uint64_t total = 0, seen = 0, p50 = 0, p99 = 0;
    for (int at = 0; at < BUCKETS; at++) total += latencies[at];
    for (int at = 0; at < BUCKETS && seen < total; at++) {
        if (!latencies[at]) continue;
        if (seen * 2 < total) p50 = (uint64_t)at;
        if (seen * 100 < total * 99) p99 = (uint64_t)at;
        seen += latencies[at];
    }
    memset(latencies, 0, sizeof latencies);
    printf("latency %llu %llu %llu\n", (unsigned long long)total, (unsigned long long)p50, (unsigned long long)p99);
}

int main(int argc, char **argv) {
    if (argc != 7) { fprintf(stderr, "usage: audience PORT COUNT ROOMS TOKENS AT_ONCE REPORT\n"); return 2; }
    port = atoi(argv[1]), count = atoi(argv[2]), rooms = atoi(argv[3]);
    int at_once = atoi(argv[5]);
    uint64_t every = (uint64_t)atoi(argv[6]);
    FILE *file = fopen(argv[4], "r");
    if (!file) fail(argv[4]);
    tokens = calloc((size_t)count, sizeof *tokens);
    screens = calloc((size_t)count, sizeof *screens);
    size_t capacity = 0;
    while (token_count < count && getline(&tokens[token_count], &capacity, file) > 0) {
        tokens[token_count][strcspn(tokens[token_count], "\n")] = 0;
        token_count++, capacity = 0;
    }
    if (!token_count) fail("no tokens");
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    setvbuf(stdout, NULL, _IOLBF, 1024);
    poll_fd = epoll_create1(0);
    struct epoll_event wanted = {.events = EPOLLIN, .data.u32 = INPUT}, ready[256];
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, 0, &wanted);
    uint64_t began = now();
    int said = 0, wait = 0;
    while (opened < count && opened < at_once) open_next();
    static unsigned char buffer[1 << 18];
    for (;;) {
        int found = epoll_wait(poll_fd, ready, 256, wait);
        if (found < 0 && errno != EINTR) fail("epoll_wait");
        for (int at = 0; at < found; at++) {
            if (ready[at].data.u32 == INPUT) { answer(); continue; }
            struct screen *screen = &screens[ready[at].data.u32];
            ssize_t got = read(screen->fd, buffer, sizeof buffer);
            if (got == 0 || (got < 0 && errno != EAGAIN)) fail("a connection ended");
            if (got > 0) take(screen, buffer, (size_t)got);
        }
        wait = found > 0 ? 0 : -1;
        if (!said && joined == count) said = printf("joined %.3f\n", (double)(now() - began) / 1e9);
        if (events - reported >= every || (found == 0 && events != reported)) {
            printf("%llu\n", (unsigned long long)events);
            reported = events;
        }
    }
}
