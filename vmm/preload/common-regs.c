/*
 * For LD_PRELOAD into a VMM: leaves out the registers that only one of Linux 6.12 and 7.3 has
 * on the emulated CPU. A stock QEMU migrates between the two in neither direction for them,
 * with the series and without it.
 */
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

#define KVM_GET_REG_LIST	0xc008aeb0U

struct reg_list { unsigned long n, reg[]; };

static const unsigned long left_out[] = {
	0x603000000013c103,	/* TCR2_EL1: 6.12 lists it without the feature */
	0x603000000013c512,	/* PIRE0_EL1 */
	0x603000000013c513,	/* PIR_EL1 */
	0x6030000000160003,	/* KVM_REG_ARM_VENDOR_HYP_BMAP_2: not in 6.12 */
};

static int is_left_out(unsigned long id)
{
	for (unsigned int i = 0; i < sizeof(left_out) / sizeof(left_out[0]); i++)
		if (left_out[i] == id)
			return 1;
	return 0;
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	long arg, ret;

	va_start(args, request);
	arg = va_arg(args, long);
	va_end(args);
	ret = syscall(SYS_ioctl, fd, request, arg);
	if (ret == 0 && (unsigned int)request == KVM_GET_REG_LIST) {
		struct reg_list *list = (struct reg_list *)arg;
		unsigned long i, n = 0;

		for (i = 0; i < list->n; i++)
			if (!is_left_out(list->reg[i]))
				list->reg[n++] = list->reg[i];
		list->n = n;
	}
	return ret;
}
