// Holds single threads of a process still, and leaves its other threads running.
//
//   hold PROCESS NAME...     every thread of PROCESS with one of these names, until PROCESS ends
//
// Prints how many it holds. Ends with 0 once the process is gone, with 1 if it has no such thread.
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

static int is_named(const char *process, const char *thread, char **names) {
    char path[64], name[32] = "";
    snprintf(path, sizeof path, "/proc/%s/task/%s/comm", process, thread);
    FILE *file = fopen(path, "r");
    if (!file) return 0;
    if (fgets(name, sizeof name, file)) name[strcspn(name, "\n")] = 0;
    fclose(file);
    for (; *names; names++)
        if (strcmp(name, *names) == 0) return 1;
    return 0;
}

int main(int count, char **arguments) {
    char path[64];
    int held = 0, status;
    if (count < 3) return 2;
    snprintf(path, sizeof path, "/proc/%s/task", arguments[1]);
    DIR *threads = opendir(path);
    for (struct dirent *thread; threads && (thread = readdir(threads));) {
        if (thread->d_name[0] == '.' || !is_named(arguments[1], thread->d_name, arguments + 2)) continue;
        pid_t number = atoi(thread->d_name);
        if (ptrace(PTRACE_ATTACH, number, 0, 0) || waitpid(number, &status, __WALL) < 0) {
            perror("ptrace");
            return 1;
        }
        held++;
    }
    printf("%d\n", held);
    fflush(stdout);
    if (!held) return 1;
    // A traced thread stays stopped until it is let go, or killed with its process.
    while (waitpid(-1, &status, __WALL) > 0) {}
    return 0;
}
