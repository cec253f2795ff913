/*
 * For LD_PRELOAD into a VMM that has no NMI for its operator: as soon as there is a file
 * /tmp/nmi.PID the VMM raises the NMI by KVM_NMI, on the vCPUs whose numbers the file has
 * or, if it says "all", on all of them, from a thread for each. What KVM says to that goes to
 * standard error.
 */
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KVM_CREATE_VCPU	0xae41UL
#define KVM_NMI		0xae9aUL
#define MAX_VCPUS	64

static int fds[MAX_VCPUS];	/* + 1, by the vCPU's number */
static pthread_barrier_t all_there;

static void *raise_nmi(void *arg)
{
	long vcpu = (long)arg;
	long ret;

	pthread_barrier_wait(&all_there);
	ret = syscall(SYS_ioctl, fds[vcpu] - 1, KVM_NMI, 0);
	fprintf(stderr, "nmi: vCPU %ld: %s\n", vcpu, ret ? strerror(errno) : "raised");
	return NULL;
}

static void raise_nmis(FILE *file)
{
	pthread_t threads[MAX_VCPUS];
	int wanted[MAX_VCPUS] = { 0 }, count = 0, i;
	char word[16];

	while (fscanf(file, "%15s", word) == 1) {
		for (i = 0; i < MAX_VCPUS; i++)
			if (fds[i] && (!strcmp(word, "all") || i == atoi(word)))
				wanted[i] = 1;
	}
	for (i = 0; i < MAX_VCPUS; i++)
		count += wanted[i];
	if (!count)
		return;

	pthread_barrier_init(&all_there, NULL, count);
	count = 0;
	for (i = 0; i < MAX_VCPUS; i++)
		if (wanted[i])
			pthread_create(&threads[count++], NULL, raise_nmi, (void *)(long)i);
	while (count)
		pthread_join(threads[--count], NULL);
}

static void *watch(void *arg)
{
	char path[32];
	FILE *file;

	snprintf(path, sizeof(path), "/tmp/nmi.%d", getpid());
	for (;;) {
		usleep(50000);
		file = fopen(path, "r");
		if (!file)
			continue;
		unlink(path);
		raise_nmis(file);
		fclose(file);
	}
	return NULL;
}

int ioctl(int fd, unsigned long request, ...)
{
	static pthread_t watcher;
	va_list args;
	long arg, ret;

	va_start(args, request);
	arg = va_arg(args, long);
	va_end(args);
	ret = syscall(SYS_ioctl, fd, request, arg);
	if (request == KVM_CREATE_VCPU && ret >= 0 && arg < MAX_VCPUS) {
		fds[arg] = ret + 1;
		if (!watcher)
			pthread_create(&watcher, NULL, watch, NULL);
	}
	return ret;
}
