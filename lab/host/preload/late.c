// SPDX-License-Identifier: GPL-2.0
/*
 * For LD_PRELOAD into a VMM: its guest's memory goes away over and over, and each page of it
 * comes back late, by userfaultfd. That takes memory that is a shared memfd: what is in the
 * pages stays there. Everything in the VMM waits for a page, not only its vCPUs.
 *
 * A guest that needs more pages than come before they go again does nothing but wait for them.
 *
 *   LATE_US=2000     a page comes so many microseconds after it is asked for
 *   LATE_PAGES=100   pages go again after about as many have come, or
 *   LATE_MS=200      after as many milliseconds:
 *   LATE_PARTS=1     those of one of as many equal parts of the memory
 *   LATE_FILE=FILE   all this only from when there is such a file
 *   LATE_MIB=64      the memory of this size, and not the first that is large enough
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Newer than what some systems' headers have; its structure begins with that of the first */
#ifndef KVM_SET_USER_MEMORY_REGION2
#define KVM_SET_USER_MEMORY_REGION2	0x40a0ae49UL
#endif

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE	23
#endif

#define SMALLEST	(8UL << 20)	/* of what counts as a guest's memory: its flash is read-only */
#define QUEUE		4096		/* a power of two: as many can be late at a time */

static char *memory;
static size_t size, page;

static int number(const char *name, int otherwise)
{
	const char *value = getenv(name);

	return value ? atoi(value) : otherwise;
}

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000UL + now.tv_nsec / 1000;
}

static void bring(int uffd, uint64_t address)
{
	struct uffdio_continue there = { .range = { address, page } };

	/* It may be there already: then somebody still waits for it */
	if (ioctl(uffd, UFFDIO_CONTINUE, &there))
		ioctl(uffd, UFFDIO_WAKE, &there.range);
}

static void *pager(void *arg)
{
	static struct { uint64_t address, due; } queue[QUEUE];
	unsigned int head = 0, tail = 0, left, after = number("LATE_PAGES", 100);
	unsigned int delay = number("LATE_US", 2000), ms = number("LATE_MS", 200);
	size_t parts = number("LATE_PARTS", 1), part = size / parts;
	const char *file = getenv("LATE_FILE");
	uint64_t next = 0;
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_MINOR_SHMEM };
	struct uffdio_register all = {
		.range = { (uint64_t)memory, size },
		.mode = UFFDIO_REGISTER_MODE_MINOR,
	};
	int uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	while (file && access(file, F_OK))
		usleep(50000);
	/* What has never been there does not come late */
	if (number("LATE_MIB", 0))
		madvise(memory, size, MADV_POPULATE_WRITE);
	if (uffd < 0 || ioctl(uffd, UFFDIO_API, &api) || ioctl(uffd, UFFDIO_REGISTER, &all)) {
		fprintf(stderr, "late: %s\n", strerror(errno));
		return NULL;
	}
	fprintf(stderr, "late: %zu MiB\n", size >> 20);

	for (left = 0;;) {
		struct pollfd wait = { .fd = uffd, .events = POLLIN };
		struct uffd_msg msg;
		int64_t us = 20000;

		if (head != tail)
			us = queue[tail % QUEUE].due - now_us();
		poll(&wait, 1, us > 0 ? (us + 999) / 1000 : 0);
		while (head - tail < QUEUE && read(uffd, &msg, sizeof(msg)) == sizeof(msg)) {
			queue[head % QUEUE].address = msg.arg.pagefault.address & ~(page - 1);
			queue[head++ % QUEUE].due = now_us() + delay;
		}
		for (; head != tail && queue[tail % QUEUE].due <= now_us(); tail++) {
			bring(uffd, queue[tail % QUEUE].address);
			left -= !!left;
		}
		if (!left || now_us() > next) {
			madvise(memory + rand() % parts * part, part, MADV_DONTNEED);
			next = now_us() + ms * 1000UL;
			left = after / 2 + rand() % after;
		}
	}
}

int ioctl(int fd, unsigned long request, ...)
{
	struct kvm_userspace_memory_region *region;
	int mib = number("LATE_MIB", 0);
	pthread_t thread;
	va_list list;
	void *arg;
	int ret;

	va_start(list, request);
	arg = va_arg(list, void *);
	va_end(list);
	ret = syscall(SYS_ioctl, fd, request, arg);

	region = arg;
	if (ret || memory || (request != KVM_SET_USER_MEMORY_REGION &&
			      request != KVM_SET_USER_MEMORY_REGION2) ||
	    region->memory_size < SMALLEST || region->flags & KVM_MEM_READONLY ||
	    (mib && region->memory_size != (uint64_t)mib << 20))
		return ret;
	memory = (char *)region->userspace_addr;
	size = region->memory_size;
	page = getpagesize();
	pthread_create(&thread, NULL, pager, NULL);
	return ret;
}
