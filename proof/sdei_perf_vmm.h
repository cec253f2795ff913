/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The VMM of sdei_perf_test: its vCPUs' threads, and the dispatcher of SDEI that it has
 * behind an SMCCC filter, to compare KVM's with. That has one event, one priority and
 * what the guest calls of it.
 */
#ifndef SELFTEST_KVM_SDEI_PERF_VMM_H
#define SELFTEST_KVM_SDEI_PERF_VMM_H

#include <sys/syscall.h>

#include "sdei_perf_guest.h"
#include "vgic.h"

#define SETTLE_USEC		500

/* Registers in a saved context */
#define NR_CTX_REGS		(SDEI_NR_CONTEXT_REGS + 2)

/* A dispatcher's state for one vCPU */
struct user_sdei {
	u64	entry, arg;
	u64	ctx[NR_CTX_REGS];
	bool	registered, enabled, running, unmasked;
	bool	pending;
};

struct perf_thread {
	struct perf_vm		*v;
	struct kvm_vcpu		*vcpu;
	pthread_t		thread;
	pid_t			tid;
	bool			stop;
	struct user_sdei	sdei;
};

struct perf_vm {
	struct kvm_vm		*vm;
	const struct perf	*perf;
	unsigned int		nr_vcpus;
	struct perf_thread	cpu[SDEI_MAX_VCPUS];
};

static __thread struct kvm_run *this_run;

/* KVM_RUN returns, now or as soon as it is called */
static void handle_kick(int sig)
{
	this_run->immediate_exit = 1;
}

static void kick(struct perf_thread *cpu)
{
	syscall(SYS_tgkill, getpid(), __atomic_load_n(&cpu->tid, __ATOMIC_ACQUIRE), SIGUSR1);
}

/* Without what vcpu_get_reg() does to describe an error that there is not */
static u64 get_reg(struct kvm_vcpu *vcpu, u64 id)
{
	u64 val;

	if (__vcpu_get_reg(vcpu, id, &val))
		TEST_FAIL("KVM_GET_ONE_REG: %s", strerror(errno));
	return val;
}

static u64 ctx_reg(unsigned int n)
{
	switch (n) {
	case SDEI_NR_CONTEXT_REGS:
		return ARM64_CORE_REG(regs.pc);
	case SDEI_NR_CONTEXT_REGS + 1:
		return ARM64_CORE_REG(regs.pstate);
	default:
		return ARM64_CORE_REG(regs.regs[n]);
	}
}

#define CTX_PC		SDEI_NR_CONTEXT_REGS
#define CTX_PSTATE	(SDEI_NR_CONTEXT_REGS + 1)

/* In SCTLR_EL1: what PSTATE.PAN and SSBS become on an exception */
#define SCTLR_SPAN	BIT(23)
#define SCTLR_DSSBS	BIT(44)

/* What a VMM can do best: one ioctl for each register that it needs */
static void user_enter(struct kvm_vcpu *vcpu, u64 pc, u64 old)
{
	u64 sctlr = get_reg(vcpu, KVM_ARM64_SYS_REG(SYS_SCTLR_EL1));
	u64 pstate = PSR_MODE_EL1h | PSTATE_DAIF;

	pstate |= old & (PSTATE_NZCV | PSR_DIT_BIT | PSR_PAN_BIT);
	if (!(sctlr & SCTLR_SPAN))
		pstate |= PSR_PAN_BIT;
	if (sctlr & SCTLR_DSSBS)
		pstate |= PSR_SSBS_BIT;

	vcpu_set_reg(vcpu, ctx_reg(CTX_PC), pc);
	vcpu_set_reg(vcpu, ctx_reg(CTX_PSTATE), pstate);
}

static void user_deliver(struct perf_thread *cpu)
{
	struct user_sdei *sdei = &cpu->sdei;
	struct kvm_vcpu *vcpu = cpu->vcpu;
	int i;

	if (!sdei->unmasked || !sdei->enabled || sdei->running ||
	    !__atomic_exchange_n(&sdei->pending, false, __ATOMIC_SEQ_CST))
		return;

	sdei->running = true;
	for (i = 0; i < NR_CTX_REGS; i++)
		sdei->ctx[i] = get_reg(vcpu, ctx_reg(i));

	vcpu_set_reg(vcpu, ctx_reg(0), SDEI_EVENT_SW_SIGNALED);
	vcpu_set_reg(vcpu, ctx_reg(1), sdei->arg);
	vcpu_set_reg(vcpu, ctx_reg(2), sdei->ctx[CTX_PC]);
	vcpu_set_reg(vcpu, ctx_reg(3), sdei->ctx[CTX_PSTATE]);
	user_enter(vcpu, sdei->entry, sdei->ctx[CTX_PSTATE]);
}

/* Restores all, or all but where to resume; writes no result unless it fails */
static u64 user_complete(struct perf_thread *cpu, const u64 *resume)
{
	int i, nr = resume ? SDEI_NR_CONTEXT_REGS : NR_CTX_REGS;
	struct user_sdei *sdei = &cpu->sdei;

	if (!sdei->running)
		return SDEI_DENIED;
	if (resume && *resume % 4)
		return SDEI_INVALID_PARAMETERS;

	for (i = 0; i < nr; i++)
		vcpu_set_reg(cpu->vcpu, ctx_reg(i), sdei->ctx[i]);
	if (resume) {
		vcpu_set_reg(cpu->vcpu, ARM64_CORE_REG(elr_el1), sdei->ctx[CTX_PC]);
		vcpu_set_reg(cpu->vcpu, ARM64_CORE_REG(spsr[0]), sdei->ctx[CTX_PSTATE]);
		user_enter(cpu->vcpu, *resume, sdei->ctx[CTX_PSTATE]);
	}
	sdei->running = false;
	return SDEI_SUCCESS;
}

/* Its one event, whose number is in x1 of most calls */
static bool user_is_event(struct perf_thread *cpu)
{
	return (u32)get_reg(cpu->vcpu, ctx_reg(1)) == SDEI_EVENT_SW_SIGNALED;
}

#define MPIDR_AFFINITY		0xff00ffffffUL

static struct perf_thread *user_target(struct perf_vm *v, u64 mpidr)
{
	unsigned int i;

	for (i = 0; i < v->nr_vcpus; i++) {
		if (!((sdei_mpidr[i] ^ mpidr) & MPIDR_AFFINITY))
			return &v->cpu[i];
	}
	return NULL;
}

static u64 user_signal(struct perf_thread *cpu)
{
	struct perf_thread *to = user_target(cpu->v, get_reg(cpu->vcpu, ctx_reg(2)));

	if (!user_is_event(cpu) || !to || !READ_ONCE(to->sdei.registered))
		return SDEI_INVALID_PARAMETERS;

	if (!__atomic_exchange_n(&to->sdei.pending, true, __ATOMIC_SEQ_CST) && to != cpu)
		kick(to);
	return SDEI_SUCCESS;
}

static u64 user_register(struct perf_thread *cpu)
{
	u64 entry = get_reg(cpu->vcpu, ctx_reg(2));
	struct user_sdei *sdei = &cpu->sdei;

	if (!user_is_event(cpu) || !entry || entry % 4 ||
	    get_reg(cpu->vcpu, ctx_reg(4)) & ~(u64)SDEI_EVENT_REGISTER_RM_PE)
		return SDEI_INVALID_PARAMETERS;
	if (sdei->registered || sdei->running)
		return SDEI_DENIED;

	sdei->entry = entry;
	sdei->arg = get_reg(cpu->vcpu, ctx_reg(3));
	__atomic_store_n(&sdei->registered, true, __ATOMIC_RELEASE);
	return SDEI_SUCCESS;
}

static u64 user_enable(struct perf_thread *cpu)
{
	if (!user_is_event(cpu))
		return SDEI_INVALID_PARAMETERS;
	if (!cpu->sdei.registered)
		return SDEI_DENIED;

	cpu->sdei.enabled = true;
	return SDEI_SUCCESS;
}

static u64 user_status(struct perf_thread *cpu)
{
	struct user_sdei *sdei = &cpu->sdei;

	if (!user_is_event(cpu))
		return SDEI_INVALID_PARAMETERS;

	return sdei->registered << SDEI_EVENT_STATUS_REGISTERED |
	       sdei->enabled << SDEI_EVENT_STATUS_ENABLED |
	       sdei->running << SDEI_EVENT_STATUS_RUNNING;
}

static u64 user_context(struct perf_thread *cpu)
{
	u32 n = get_reg(cpu->vcpu, ctx_reg(1));

	if (n >= SDEI_NR_CONTEXT_REGS)
		return SDEI_INVALID_PARAMETERS;

	return cpu->sdei.running ? cpu->sdei.ctx[n] : SDEI_DENIED;
}

static void user_call(struct perf_thread *cpu)
{
	struct user_sdei *sdei = &cpu->sdei;
	u64 resume, ret = SDEI_SUCCESS;

	switch (cpu->vcpu->run->hypercall.nr) {
	case SDEI_1_0_FN_SDEI_VERSION:
		ret = 1ULL << SDEI_VERSION_MAJOR_SHIFT;
		break;
	case SDEI_1_0_FN_SDEI_EVENT_REGISTER:
		ret = user_register(cpu);
		break;
	case SDEI_1_0_FN_SDEI_EVENT_ENABLE:
		ret = user_enable(cpu);
		break;
	case SDEI_1_0_FN_SDEI_PE_UNMASK:
		sdei->unmasked = true;
		break;
	case SDEI_1_0_FN_SDEI_EVENT_STATUS:
		ret = user_status(cpu);
		break;
	case SDEI_1_0_FN_SDEI_EVENT_CONTEXT:
		ret = user_context(cpu);
		break;
	case SDEI_1_0_FN_SDEI_EVENT_SIGNAL:
		ret = user_signal(cpu);
		break;
	case SDEI_1_0_FN_SDEI_EVENT_COMPLETE:
		ret = user_complete(cpu, NULL);
		if (ret == SDEI_SUCCESS)
			return;
		break;
	case SDEI_1_0_FN_SDEI_EVENT_COMPLETE_AND_RESUME:
		resume = get_reg(cpu->vcpu, ctx_reg(1));
		ret = user_complete(cpu, &resume);
		if (ret == SDEI_SUCCESS)
			return;
		break;
	default:
		ret = SDEI_NOT_SUPPORTED;
	}
	vcpu_set_reg(cpu->vcpu, ctx_reg(0), ret);
}

/* Whether the vCPU continues after a ucall */
static bool goes_on(struct perf_thread *cpu)
{
	struct ucall uc;

	switch (get_ucall(cpu->vcpu, &uc)) {
	case UCALL_SYNC:
		usleep(SETTLE_USEC * cpu->v->nr_vcpus);
		return true;
	case UCALL_DONE:
		return false;
	case UCALL_ABORT:
		REPORT_GUEST_ASSERT(uc);
		return false;
	default:
		TEST_FAIL("vCPU %u: unexpected exit %u", cpu->vcpu->id,
			  cpu->vcpu->run->exit_reason);
		return false;
	}
}

/* KVM_RUN was interrupted, whether to call it again */
static bool was_kicked(struct perf_thread *cpu)
{
	TEST_ASSERT(errno == EINTR, KVM_IOCTL_ERROR(KVM_RUN, -1));
	WRITE_ONCE(cpu->vcpu->run->immediate_exit, 0);
	barrier();
	return !READ_ONCE(cpu->stop);
}

static void *run_vcpu(void *arg)
{
	struct perf_thread *cpu = arg;
	struct kvm_run *run = cpu->vcpu->run;

	this_run = run;
	__atomic_store_n(&cpu->tid, syscall(SYS_gettid), __ATOMIC_RELEASE);

	for (;;) {
		if (cpu->v->perf->user)
			user_deliver(cpu);

		if (__vcpu_run(cpu->vcpu)) {
			if (!was_kicked(cpu))
				return NULL;
		} else if (run->exit_reason == KVM_EXIT_HYPERCALL) {
			user_call(cpu);
		} else if (run->exit_reason == KVM_EXIT_MMIO &&
			   run->mmio.phys_addr == MMIO_GPA) {
			memset(run->mmio.data, 0, sizeof(run->mmio.data));
		} else if (!goes_on(cpu)) {
			return NULL;
		}
	}
}

static void start(struct perf_thread *cpu)
{
	TEST_ASSERT(!pthread_create(&cpu->thread, NULL, run_vcpu, cpu),
		    "pthread_create() failed");
}

static void stop(struct perf_thread *cpu)
{
	WRITE_ONCE(cpu->stop, true);
	kick(cpu);
	pthread_join(cpu->thread, NULL);
}

#endif /* SELFTEST_KVM_SDEI_PERF_VMM_H */
