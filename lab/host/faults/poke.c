// SPDX-License-Identifier: GPL-2.0
/*
 * Signal a QEMU's vCPU threads at random, so that they leave KVM_RUN:
 *
 *   poke PID SIGNALS
 *
 * The signal is the one that QEMU itself uses for that. Its threads have their names by
 * -name debug-threads=on.
 */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	unsigned long pid, signals, n, count = 0;
	struct dirent *entry;
	char path[300];
	int tid[64];
	DIR *dir;

	if (argc != 3)
		return 2;
	pid = strtoul(argv[1], NULL, 0);
	signals = strtoul(argv[2], NULL, 0);
	snprintf(path, sizeof(path), "/proc/%lu/task", pid);
	dir = opendir(path);
	while (dir && count < sizeof(tid) / sizeof(*tid) && (entry = readdir(dir))) {
		char name[16] = "";
		FILE *file;

		snprintf(path, sizeof(path), "/proc/%lu/task/%s/comm", pid, entry->d_name);
		file = fopen(path, "r");
		if (file && fgets(name, sizeof(name), file) && !strncmp(name, "CPU ", 4))
			tid[count++] = atoi(entry->d_name);
		if (file)
			fclose(file);
	}
	for (n = 0; count && n < signals; n++) {
		if (syscall(SYS_tgkill, pid, tid[rand() % count], SIGUSR1)) {
			perror("tgkill");
			return 1;
		}
		usleep(rand() % 2000);
	}
	printf("%lu signals to %lu vCPUs\n", n, count);
	return !count;
}
