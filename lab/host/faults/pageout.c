// SPDX-License-Identifier: GPL-2.0
/*
 * Have a VMM's memory swapped out over and over, while its guest runs in it:
 *
 *   pageout PID ADDRESS BYTES ROUNDS
 *
 * The next round begins when the guest has brought in something, as fast or slow as it is, and
 * a random time after that. Prints how many pages were seen to be in swap and brought in,
 * and in how many rounds none was.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define IN_SWAP		(1UL << 62)	/* in /proc/PID/pagemap */
#define PATIENCE	1000		/* in milliseconds */

/* Pages brought in since the host's start: what a kernel without event counters has, too */
static unsigned long swapped_in(void)
{
	FILE *vmstat = fopen("/proc/vmstat", "r");
	unsigned long pages = 0;
	char line[80];

	while (vmstat && fgets(line, sizeof(line), vmstat)) {
		if (sscanf(line, "workingset_refault_anon %lu", &pages) == 1)
			break;
	}
	if (vmstat)
		fclose(vmstat);
	return pages;
}

/*
 * A CPU gathers up to 31 new pages before it puts them where they can be reclaimed from, and what
 * is brought in is new: with pages of 16 KiB, that may be all of a small guest. More new ones
 * on each CPU push them on.
 */
static void push_on(void)
{
	const size_t bytes = 64 * getpagesize();

	for (int cpu = 0; cpu < sysconf(_SC_NPROCESSORS_CONF); cpu++) {
		cpu_set_t there;
		void *pages;

		CPU_ZERO(&there);
		CPU_SET(cpu, &there);
		if (sched_setaffinity(0, sizeof(there), &there))
			continue;	/* offline */
		pages = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
		if (pages != MAP_FAILED)
			munmap(pages, bytes);
	}
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int main(int argc, char **argv)
{
	unsigned long pid, address, pages, rounds, round, before, after;
	unsigned long swapped = 0, brought_in = 0, idle = 0;
	struct iovec memory;
	uint64_t *entries;
	char path[40];
	const unsigned long page = getpagesize();
	int pidfd, pagemap;
	long end;

	if (argc != 5)
		return 2;
	pid = strtoul(argv[1], NULL, 0);
	address = strtoul(argv[2], NULL, 0);
	pages = strtoul(argv[3], NULL, 0) / page;
	rounds = strtoul(argv[4], NULL, 0);
	entries = calloc(pages, sizeof(*entries));
	memory = (struct iovec) { (void *)address, pages * page };
	snprintf(path, sizeof(path), "/proc/%lu/pagemap", pid);
	pidfd = syscall(SYS_pidfd_open, pid, 0);
	pagemap = open(path, O_RDONLY);
	if (!entries || pidfd < 0 || pagemap < 0) {
		perror(path);
		return 1;
	}
	for (round = 0; round < rounds; round++) {
		before = swapped_in();
		push_on();
		if (syscall(SYS_process_madvise, pidfd, &memory, 1UL, MADV_PAGEOUT, 0U) < 0 ||
		    pread(pagemap, entries, pages * sizeof(*entries),
			  address / page * sizeof(*entries)) < 0) {
			perror("MADV_PAGEOUT");
			return 1;
		}
		for (unsigned long i = 0; i < pages; i++)
			swapped += !!(entries[i] & IN_SWAP);
		/* By the clock: where the host is busy a look takes longer than the sleep after it */
		end = now_ms() + PATIENCE;
		while ((after = swapped_in()) == before && now_ms() < end)
			usleep(1000);
		brought_in += after - before;
		idle += after == before;
		usleep(rand() % 20000);
	}
	printf("%lu rounds, %lu pages swapped out, %lu brought in, none in %lu rounds\n",
	       rounds, swapped, brought_in, idle);
	return !swapped || brought_in <= rounds / 2;
}
