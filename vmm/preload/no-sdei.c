/*
 * For LD_PRELOAD into a VMM: turns SDEI off in each VM, before the VMM asks a vCPU for its
 * registers. A VMM can do that for itself, and to the VMM it then looks like an older kernel:
 * there are no SDEI registers.
 */
#include <errno.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KVM_ARM_VCPU_INIT	0x4020aeaeUL
#define KVM_GET_ONE_REG		0x4010aeabUL
#define KVM_SET_ONE_REG		0x4010aeacUL
#define KVM_REG_ARM_STD_BMAP	0x6030000000160000UL
#define STD_BIT_SDEI		(1UL << 1)

int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	long arg, ret;

	va_start(args, request);
	arg = va_arg(args, long);
	va_end(args);
	ret = syscall(SYS_ioctl, fd, request, arg);
	if (ret == 0 && request == KVM_ARM_VCPU_INIT) {
		unsigned long bits = 0;
		struct { unsigned long id, *bits; } reg = { KVM_REG_ARM_STD_BMAP, &bits };

		ret = syscall(SYS_ioctl, fd, KVM_GET_ONE_REG, &reg);
		if (ret == 0 && bits & STD_BIT_SDEI) {
			bits &= ~STD_BIT_SDEI;
			ret = syscall(SYS_ioctl, fd, KVM_SET_ONE_REG, &reg);
		}
	}
	return ret;
}
