// SPDX-License-Identifier: GPL-2.0
/*
 * pages MIB TASKS SECONDS: so many tasks, each with so much memory, check all of it over and
 * over, and write it anew. Prints how often they got through, and what was wrong.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct task { unsigned long pages, wrong; };

static void work(struct task *t, unsigned int id, size_t words, time_t end)
{
	uint64_t *m = mmap(0, words * 8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t round;
	size_t i;

	for (round = 0; time(0) < end; round++) {
		for (i = 0; i < words && (i % 512 || time(0) < end); i++) {
			t->wrong += m[i] != (round ? ((round << 32 | i) ^ id) : 0);
			m[i] = ((round + 1) << 32 | i) ^ id;
			t->pages += !(i % 512);
		}
	}
}

int main(int argc, char **argv)
{
	size_t words = strtoul(argv[1], 0, 0) << 17;
	int tasks = atoi(argv[2]), i;
	time_t end = time(0) + atoi(argv[3]);
	unsigned long pages = 0, wrong = 0, least = ~0UL;
	struct task *t = mmap(0, tasks * sizeof(*t), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	for (i = 0; i < tasks; i++) {
		if (!fork()) {
			work(&t[i], i, words, end);
			return 0;
		}
	}
	while (wait(0) > 0)
		;
	for (i = 0; i < tasks; i++) {
		pages += t[i].pages;
		wrong += t[i].wrong;
		least = t[i].pages < least ? t[i].pages : least;
	}
	printf("%lu pages, of a task %lu at least, %lu words wrong\n", pages, least, wrong);
	return 0;
}
