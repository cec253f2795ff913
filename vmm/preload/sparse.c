/*
 * For LD_PRELOAD into a VMM: two of its vCPUs to a cluster, by the ids from which KVM makes their
 * affinities: 0x0, 0x1, 0x100, 0x101, 0x200 and so on.
 */
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KVM_CREATE_VCPU	0xae41UL

int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	long arg;

	va_start(args, request);
	arg = va_arg(args, long);
	va_end(args);
	if (request == KVM_CREATE_VCPU)
		arg = arg / 2 * 16 + arg % 2;
	return syscall(SYS_ioctl, fd, request, arg);
}
