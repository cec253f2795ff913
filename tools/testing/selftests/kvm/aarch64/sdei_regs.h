/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the SDEI tests have in common in which the VMM uses the pseudo-registers.
 */
#ifndef SELFTEST_KVM_SDEI_REGS_H
#define SELFTEST_KVM_SDEI_REGS_H

#include "sdei.h"

/* Events as the registers count them, the NMI has the critical priority */
enum {
	EV	= KVM_REG_ARM_SDEI_EVENT_IDX_SW_SIGNALED,
	NMI	= KVM_REG_ARM_SDEI_EVENT_IDX_NMI,
	NR_EVENTS
};

/*
 * GUEST_SYNC() with these: the VMM raises the NMI; does so twice; sees that the
 * guest has not registered for it.
 */
#define SYNC_NMI		1
#define SYNC_NMI_TWICE		2
#define SYNC_NMI_REFUSED	3

#define EVENT_REGISTERED	KVM_REG_ARM_SDEI_EVENT_REGISTERED
#define EVENT_ENABLED		KVM_REG_ARM_SDEI_EVENT_ENABLED
#define EVENT_RUNNING		KVM_REG_ARM_SDEI_EVENT_RUNNING
#define EVENT_PENDING		KVM_REG_ARM_SDEI_EVENT_PENDING

/* A loop up to where another context makes *x0 other than 0 */
void sdei_loop(int *flag);
extern char sdei_loop_end[];
/* Where to resume at in the middle of anything: tell ELR_EL1, SPSR_EL1 */
void sdei_resumed(void);
asm(".pushsection .text\n"
	"sdei_loop:\n"
	"	ldr	w1, [x0]\n"
	"	cbz	w1, sdei_loop\n"
	"sdei_loop_end:\n"
	"	ret\n"

	"sdei_resumed:\n"
	"	str	x0, [sp, #-16]!\n"
	"	mrs	x0, elr_el1\n"
	"	msr	tpidr_el0, x0\n"
	"	mrs	x0, spsr_el1\n"
	"	msr	tpidrro_el0, x0\n"
	"	ldr	x0, [sp], #16\n"
	"	eret\n"
	".popsection\n");

/* Make the call that is in x0-x17, an event comes at its end */
void sdei_call_regs(u64 *regs);
extern char sdei_called[];
asm(".pushsection .text\n"
	"sdei_call_regs:\n"
	"	stp	x19, x30, [sp, #-16]!\n"
	"	mov	x19, x0\n"
	"	.irp	n, 2, 4, 6, 8, 10, 12, 14, 16\n"
	"	ldr	x\\n, [x19, #8 * \\n]\n"
	"	.endr\n"
	"	.irp	n, 1, 3, 5, 7, 9, 11, 13, 15, 17\n"
	"	ldr	x\\n, [x19, #8 * \\n]\n"
	"	.endr\n"
	"	ldr	x0, [x19]\n"
	"	hvc	#0\n"
	"sdei_called:\n"
	"	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17\n"
	"	str	x\\n, [x19, #8 * \\n]\n"
	"	.endr\n"
	"	ldp	x19, x30, [sp], #16\n"
	"	ret\n"
	".popsection\n");

/* Go to EL0, or wherever @pstate says, with x0-x17 */
void sdei_enter_user(u64 pc, u64 pstate, const u64 *regs);
asm(".pushsection .text\n"
	"sdei_enter_user:\n"
	"	msr	elr_el1, x0\n"
	"	msr	spsr_el1, x1\n"
	"	mov	x18, x2\n"
	"	.irp	n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17\n"
	"	ldr	x\\n, [x18, #8 * \\n]\n"
	"	.endr\n"
	"	eret\n"
	".popsection\n");

static inline int sdei_set_reg(struct kvm_vcpu *vcpu, u64 id, u64 val)
{
	return __vcpu_set_reg(vcpu, id, val) ? errno : 0;
}

/* As a VMM that restores what was pending */
static inline void sdei_set_pending(struct kvm_vcpu *vcpu, unsigned int event)
{
	u64 id = KVM_REG_ARM_SDEI_EVENT_STATE(event);
	int err = sdei_set_reg(vcpu, id, sdei_get_reg(vcpu, id) | EVENT_PENDING);

	TEST_ASSERT(!err, "EVENT_STATE pending: %s", strerror(err));
}

/* By any thread, also while the vCPU runs in another one */
static inline void sdei_expect_nmi(struct kvm_vcpu *vcpu, int err)
{
	int now = __vcpu_ioctl(vcpu, KVM_NMI, NULL) ? errno : 0;

	TEST_ASSERT(now == err, "KVM_NMI: %s, not %s", strerror(now), strerror(err));
}

static inline void sdei_raise_nmi(struct kvm_vcpu *vcpu)
{
	sdei_expect_nmi(vcpu, 0);
}

static inline void sdei_raise(struct kvm_vcpu *vcpu, unsigned int event)
{
	if (event == NMI)
		sdei_raise_nmi(vcpu);
	else
		sdei_set_pending(vcpu, event);
}

/* Run a vCPU that asks for NMIs up to its next other ucall */
static inline u64 sdei_run_with_nmis(struct kvm_vcpu *vcpu, struct ucall *uc)
{
	u64 cmd;

	for (;;) {
		cmd = sdei_vcpu_run(vcpu, uc);
		if (cmd != UCALL_SYNC)
			return cmd;

		switch (uc->args[1]) {
		case SYNC_NMI_TWICE:
			sdei_raise_nmi(vcpu);
			fallthrough;
		case SYNC_NMI:
			sdei_raise_nmi(vcpu);
			break;
		case SYNC_NMI_REFUSED:
			sdei_expect_nmi(vcpu, ENOENT);
			break;
		default:
			return cmd;
		}
	}
}

static struct kvm_vcpu *sdei_kicked_vcpu;
static bool sdei_kick_awaited;

static inline void sdei_handle_kick(int sig)
{
	sdei_kicked_vcpu->run->immediate_exit = 1;
}

static inline void *sdei_kicked_thread(void *arg)
{
	struct kvm_vcpu *vcpu = arg;
	struct ucall uc;

	/*
	 * Up to Linux 6.12 the first KVM_RUN in a thread waits for an RCU grace
	 * period: longer than the guest is to run.
	 */
	vcpu->run->immediate_exit = 1;
	TEST_ASSERT(__vcpu_run(vcpu) && errno == EINTR, KVM_IOCTL_ERROR(KVM_RUN, -1));
	vcpu->run->immediate_exit = 0;
	WRITE_ONCE(sdei_kick_awaited, true);

	if (!__vcpu_run(vcpu)) {
		if (get_ucall(vcpu, &uc) == UCALL_ABORT)
			REPORT_GUEST_ASSERT(uc);
		TEST_FAIL("vCPU %u: unexpected exit %u", vcpu->id, vcpu->run->exit_reason);
	}
	TEST_ASSERT(errno == EINTR, KVM_IOCTL_ERROR(KVM_RUN, -1));
	vcpu->run->immediate_exit = 0;
	return NULL;
}

/* Run a vCPU that makes no ucall for some time */
static inline void sdei_run_for_a_while(struct kvm_vcpu *vcpu)
{
	pthread_t thread;

	sdei_kicked_vcpu = vcpu;
	sdei_kick_awaited = false;
	signal(SIGUSR1, sdei_handle_kick);
	TEST_ASSERT(!pthread_create(&thread, NULL, sdei_kicked_thread, vcpu),
		    "pthread_create() failed");
	while (!READ_ONCE(sdei_kick_awaited))
		usleep(100);
	usleep(2000);
	pthread_kill(thread, SIGUSR1);
	pthread_join(thread, NULL);
}

/* Run it until its PC is in that range */
static inline void sdei_run_to_pc(struct kvm_vcpu *vcpu, u64 first, u64 last)
{
	u64 pc;

	do {
		sdei_run_for_a_while(vcpu);
		pc = sdei_get_reg(vcpu, ARM64_CORE_REG(regs.pc));
	} while (pc < first || pc > last);
}

/* A guest's variable as the VMM sees it */
#define sdei_guest_var(_v, _var)					\
	READ_ONCE(*(typeof(_var) *)addr_gva2hva((_v)->vm, (u64)&(_var)))

static inline bool sdei_regs_are_available(void)
{
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm = vm_create_with_vcpus(1, sdei_entry, &vcpu);
	bool ret;
	u64 val;

	ret = !__vcpu_get_reg(vcpu, KVM_REG_ARM_SDEI_VERSION, &val);
	kvm_vm_free(vm);
	return ret;
}

static inline int sdei_regs_main(const struct sdei_test *tests, unsigned int nr)
{
	setenv("NV", "0", 1);

	if (!sdei_regs_are_available()) {
		ksft_print_header();
		sdei_missing("KVM has no SDEI registers");
	}

	return sdei_main(tests, nr);
}

#endif /* SELFTEST_KVM_SDEI_REGS_H */
