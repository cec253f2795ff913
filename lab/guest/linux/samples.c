// SPDX-License-Identifier: GPL-2.0
/*
 * Let perf sample all CPUs, a hundred times a second and with the call chain, until SIGTERM.
 * Then print for each CPU how many bytes of samples there were:
 *
 *   samples: CPU 0 123456
 */
#include <linux/perf_event.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_CPUS	8
#define PAGES		8	/* for samples, of each CPU */

static void on_term(int signal) { }

int main(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_freq = 100,
		.freq = 1,
		.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_CALLCHAIN,
	};
	struct perf_event_mmap_page *rings[MAX_CPUS];
	int cpu, cpus = 0, page = getpagesize();
	long fd;

	signal(SIGTERM, on_term);
	for (; cpus < MAX_CPUS && cpus < sysconf(_SC_NPROCESSORS_ONLN); cpus++) {
		fd = syscall(SYS_perf_event_open, &attr, -1, cpus, -1, 0);
		/* Read-only: new samples take the place of old ones. */
		rings[cpus] = mmap(NULL, (PAGES + 1) * page, PROT_READ, MAP_SHARED, fd, 0);
		if (fd < 0 || rings[cpus] == MAP_FAILED) {
			perror("samples");
			return 1;
		}
	}
	pause();
	for (cpu = 0; cpu < cpus; cpu++)
		printf("samples: CPU %d %llu\n", cpu, (unsigned long long)rings[cpu]->data_head);
	return 0;
}
