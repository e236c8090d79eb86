/* Runs the C client as a control program would, for four seconds with scans of 2 ms: triggers a part whenever the
 * last is done, and checks every result. */
#define LINEWATCH_IMPLEMENTATION
#include "linewatch.h"

#include <time.h>

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

int main(int count, char **arguments)
{
    lw_client client;
    lw_message m;
    uint32_t part = 0, waiting = 0, judged = 0, id = 0;
    unsigned disconnected = 0, restarted = 0, wrong = 0;
    uint64_t last = 0, end = now_ms() + 4000;
    if (count != 2) return 2;
    lw_init(&client, arguments[1], "c_client", 0, "");
    while (now_ms() < end) {
        struct timespec pause = {0, 2000000};
        while (lw_scan(&client, now_ms(), &m)) {
            if (m.kind <= LW_GAP) {
                if (m.seq <= last) wrong++;
                last = m.seq;
            }
            if (m.kind == LW_RESULT && waiting && m.part == waiting) {
                if (m.verdict != m.part % 4 + 1) wrong++;
                judged++;
                waiting = 0;
            }
            if (m.kind == LW_REFUSED && m.id == id) waiting = 0;
            if (m.kind == LW_DISCONNECTED) disconnected++, waiting = 0;
            if (m.kind == LW_RESTARTED) restarted++;
        }
        if (!waiting && lw_healthy(&client, now_ms())) {
            id = lw_trigger(&client, 1, ++part, 80);
            if (id) waiting = part;
        }
        nanosleep(&pause, NULL);
    }
    if (disconnected == 1 && restarted == 1) printf("disconnected once, restarted once\n");
    printf("%u parts judged, %u wrong, %u disconnected, %u restarted, %u unknown lines\n", judged, wrong,
           disconnected, restarted, client.unknown);
    lw_close(&client);
    return wrong == 0 && judged > 20 && client.unknown == 0 ? 0 : 1;
}
