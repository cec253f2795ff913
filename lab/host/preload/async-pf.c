// SPDX-License-Identifier: GPL-2.0
/*
 * For LD_PRELOAD into a VMM: its VMs can tell guests about pages that come late. KVM leaves
 * that off, as it adds registers that other hosts may not know. Passes calls on to what is
 * preloaded after it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdarg.h>

#define KVM_ARM_VCPU_INIT		0x4020aeaeUL
#define KVM_GET_ONE_REG			0x4010aeabUL
#define KVM_SET_ONE_REG			0x4010aeacUL
#define KVM_REG_ARM_VENDOR_HYP_BMAP_2	0x6030000000160003UL
#define VENDOR_HYP_BIT_ASYNC_PF		(1UL << 2)

int ioctl(int fd, unsigned long request, ...)
{
	static int (*next)(int fd, unsigned long request, ...);
	unsigned long bits = 0;
	struct { unsigned long id, *bits; } reg = { KVM_REG_ARM_VENDOR_HYP_BMAP_2, &bits };
	va_list args;
	long arg;
	int ret;

	va_start(args, request);
	arg = va_arg(args, long);
	va_end(args);
	if (!next)
		next = dlsym(RTLD_NEXT, "ioctl");

	ret = next(fd, request, arg);
	if (!ret && request == KVM_ARM_VCPU_INIT && !next(fd, KVM_GET_ONE_REG, &reg) &&
	    !(bits & VENDOR_HYP_BIT_ASYNC_PF)) {
		bits |= VENDOR_HYP_BIT_ASYNC_PF;
		ret = next(fd, KVM_SET_ONE_REG, &reg);
	}
	return ret;
}
