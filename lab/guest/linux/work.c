// SPDX-License-Identifier: GPL-2.0
/*
 * work FILE TOUCHERS OTHERS SECONDS: so many tasks touch the pages of FILE, which come late, each
 * its own part of it. If there are OTHERS one task computes, and one sleeps for a millisecond at a
 * time. Prints how much each of them got done, and the sleeper's worst delay.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE	4096

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);	/* by the vDSO */
	return ts.tv_sec * 1000000ull + ts.tv_nsec / 1000;
}

struct task { volatile unsigned long done, worst; };

static void touch(struct task *t, volatile char *m, size_t pages, uint64_t end)
{
	for (size_t i = 0; now_us() < end; i = (i + 7) % pages) {
		m[i * PAGE]++;
		t->done++;
	}
}

static void compute(struct task *t, uint64_t end)
{
	while (now_us() < end) {
		for (volatile int i = 0; i < 1000; i++)
			;
		t->done++;
	}
}

static void doze(struct task *t, uint64_t end)
{
	uint64_t last = now_us(), now;

	while ((now = now_us()) < end) {
		if (now - last > t->worst)
			t->worst = now - last;
		last = now;
		usleep(1000);
		t->done++;
	}
}

int main(int argc, char **argv)
{
	int fd = open(argv[1], O_RDWR), touchers = atoi(argv[2]), others = atoi(argv[3]), i;
	struct task *t = mmap(0, (touchers + 2) * sizeof(*t), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t end = now_us() + atoi(argv[4]) * 1000000ull;
	unsigned long touched = 0;
	struct stat st;
	char *m;

	fstat(fd, &st);
	m = mmap(0, st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (m == MAP_FAILED) {
		perror(argv[1]);
		return 1;
	}
	for (i = 0; i < touchers + (others ? 2 : 0); i++) {
		if (fork())
			continue;
		if (i < touchers)
			touch(&t[i], m + st.st_size / touchers / PAGE * PAGE * i,
			      st.st_size / touchers / PAGE, end);
		else if (i == touchers)
			compute(&t[i], end);
		else
			doze(&t[i], end);
		return 0;
	}
	while (wait(0) > 0)
		;
	for (i = 0; i < touchers; i++)
		touched += t[i].done;
	printf("touched %lu computed %lu worst %lu us\n", touched, t[i].done, t[i + 1].worst);
	return 0;
}
