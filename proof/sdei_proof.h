/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the programs here need beyond the selftests' header: KVM's second event, the NMI.
 */
#ifndef SDEI_PROOF_H
#define SDEI_PROOF_H

#include "sdei.h"

#define SDEI_EVENT_NMI		KVM_SDEI_EVENT_NMI

/* Events as the registers count them, the NMI has the critical priority; EV is 0 */
enum {
	NMI	= KVM_REG_ARM_SDEI_EVENT_IDX_NMI,
	NR_EVENTS
};

/* Load what sdei_probe() doesn't: for further points, in assembly */
asm("	.macro	sdei_probe_load\n"
	"	ldr	x1, [x0, #0x128]\n"
	"	msr	nzcv, x1\n"
	"	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15\n"
	"	ldr	q\\n, [x0, #0x150 + 16 * \\n]\n"
	"	.endr\n"
	"	.irp	n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31\n"
	"	ldr	q\\n, [x0, #0x150 + 16 * \\n]\n"
	"	.endr\n"
	"	.irp	n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16\n"
	"	ldr	x\\n, [x0, #8 * \\n]\n"
	"	.endr\n"
	"	.irp	n, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30\n"
	"	ldr	x\\n, [x0, #8 * \\n]\n"
	"	.endr\n"
	"	ldp	x0, x1, [x0]\n"
	"	.endm\n");

static inline int sdei_set_reg(struct kvm_vcpu *vcpu, u64 id, u64 val)
{
	return __vcpu_set_reg(vcpu, id, val) ? errno : 0;
}

/* By any thread, also while the vCPU runs in another one */
static inline void sdei_raise_nmi(struct kvm_vcpu *vcpu)
{
	vcpu_ioctl(vcpu, KVM_NMI, NULL);
}

#endif /* SDEI_PROOF_H */
