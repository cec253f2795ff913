// SPDX-License-Identifier: GPL-2.0-only
/*
 * sdei_perf_test - what SDEI (Arm DEN0054C) costs
 *
 * Each line is a cost in ticks of the counter (CNTVCT_EL0), and how many times
 * that is the smallest hypercall and the nearest thing that is not SDEI in KVM:
 * an SGI through the vGIC, an interrupt raised by the VMM, or the same client
 * with its dispatcher in this program, behind an SMCCC filter. What doesn't use
 * KVM's SDEI runs on a kernel without it, too.
 *
 * A line is the lowest of a few rounds, so that the host's own interrupts don't
 * count. Where one vCPU signals another one, it goes to WFI then: on a host with
 * a single CPU the other one runs at once. It is signalled again when it had
 * time to complete, and to fall asleep.
 */
#include <getopt.h>
#include <sched.h>
#include <sys/syscall.h>

#define SDEI_MAX_VCPUS		8

#include "sdei_regs.h"
#include "sdei_perf.h"

#define NR_ROUNDS		5
#define SETTLE_USEC		500

#define MMIO_GPA		0x40000000

/* Interrupts: measured, to vCPU 0 at the end, by the VMM */
#define SGI_PING		1
#define SGI_DONE		2
#define SPI_VMM			40

#define SYNC_SETTLE		1
#define SYNC_READY		2

/* Registers in a saved context, and all that a VMM saves for SDEI */
#define NR_CTX_REGS		(SDEI_NR_CONTEXT_REGS + 2)
#define NR_SDEI_REGS		(2 + 3 * NR_EVENTS + 2 * NR_CTX_REGS)

struct perf_vm;

struct perf {
	const char	*name;
	const char	*to;			/* the other thing to compare it to */
	void		(*guest)(void);		/* what vCPU 0 runs */
	void		(*op)(void);		/* what it measures */
	void		(*send)(unsigned int vcpu);
	void		(*loop)(void);		/* where the other vCPUs are */
	void		(*entry)(void);		/* event 0's handler */
	void		(*fn)(struct sdei_handler *h);
	/* What the VMM does, if not to run all vCPUs */
	u64		(*host)(struct perf_vm *v);
	void		(*raise)(struct perf_vm *v);
	unsigned int	nr_vcpus;		/* 0: 1 */
	unsigned int	nr_signals;		/* 0: 1 */
	bool		needs_sdei;
	bool		user;			/* the dispatcher is in the VMM */
};

static int nr_iterations = 20;
static int max_vcpus = SDEI_MAX_VCPUS;

/* The guest's own copies */
static const struct perf *perf;
static struct perf_cpu perf_cpu[SDEI_MAX_VCPUS];
static u64 perf_left, perf_round, perf_best;
static int perf_ready;

/* The guest */

static inline u64 now(void)
{
	u64 ticks;

	asm volatile("isb\n\tmrs %0, cntvct_el0" : "=r" (ticks) : : "memory");
	return ticks;
}

static __always_inline u64 perf_call(u64 fn, u64 arg1, u64 arg2, u64 arg3)
{
	register u64 x0 asm("x0") = fn;
	register u64 x1 asm("x1") = arg1;
	register u64 x2 asm("x2") = arg2;
	register u64 x3 asm("x3") = arg3;
	register u64 x4 asm("x4") = 0;
	register u64 x5 asm("x5") = 0;

	asm volatile("hvc #0"
		     : "+r" (x0), "+r" (x1), "+r" (x2), "+r" (x3), "+r" (x4), "+r" (x5)
		     : : "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15",
			 "x16", "x17", "memory");
	return x0;
}

#define sdei_op(_fn, _arg1, _arg2, _arg3)				\
	perf_call(SDEI_1_0_FN_SDEI_##_fn, (u64)(_arg1), (u64)(_arg2), (u64)(_arg3))

/* ICC_SGI1R_EL1; the vCPUs differ in Aff0 only */
static inline u64 sgi_to(unsigned int vcpu, unsigned int intid)
{
	return (u64)intid << 24 | BIT(vcpu);
}

static void op_psci_version(void)
{
	perf_call(PSCI_0_2_FN_PSCI_VERSION, 0, 0, 0);
}

static void op_mmio_read(void)
{
	__raw_readl((void *)MMIO_GPA);
}

static void op_version(void)
{
	sdei_op(VERSION, 0, 0, 0);
}

static void op_status(void)
{
	sdei_op(EVENT_STATUS, SDEI_EVENT_SW_SIGNALED, 0, 0);
}

static void op_context(void)
{
	sdei_op(EVENT_CONTEXT, 0, 0, 0);
}

static void send_signal(unsigned int vcpu)
{
	sdei_op(EVENT_SIGNAL, SDEI_EVENT_SW_SIGNALED, sdei_mpidr[vcpu], 0);
}

static void op_signal(void)
{
	send_signal(0);
}

static void send_sgi(unsigned int vcpu)
{
	write_sysreg_s(sgi_to(vcpu, SGI_PING), SYS_ICC_SGI1R_EL1);
	isb();
}

static void op_sgi(void)
{
	send_sgi(0);
}

static void register_event(u64 event, void *arg)
{
	GUEST_EXPECT(sdei_op(EVENT_REGISTER, event, perf->entry, arg), SDEI_SUCCESS);
	GUEST_EXPECT(sdei_op(EVENT_ENABLE, event, 0, 0), SDEI_SUCCESS);
}

static void setup_cpu(void)
{
	struct sdei_handler *h = sdei_this_handler();
	struct perf_cpu *cpu = &perf_cpu[guest_get_vcpuid()];
	void *arg = perf->fn ? (void *)h : cpu;

	gic_init(GIC_V3, perf->nr_vcpus ?: 1);
	gic_irq_enable(SGI_PING);
	gic_irq_enable(SGI_DONE);
	write_sysreg((u64)cpu, tpidrro_el0);
	write_sysreg((u64)perf_vectors, vbar_el1);
	isb();

	h->fn = perf->fn;
	if (perf->entry) {
		register_event(SDEI_EVENT_SW_SIGNALED, arg);
		GUEST_EXPECT(sdei_op(PE_UNMASK, 0, 0, 0), SDEI_SUCCESS);
	}
}

static void report(u64 ticks)
{
	if (!perf_best || ticks < perf_best)
		perf_best = ticks;
}

static void measure_op(struct sdei_handler *h)
{
	u64 start;
	int i, j;

	for (i = 0; i < NR_ROUNDS; i++) {
		start = now();
		for (j = 0; j < nr_iterations; j++)
			perf->op();
		report(now() - start);
	}
}

static void guest_op(void)
{
	setup_cpu();
	local_irq_enable();
	measure_op(NULL);
	GUEST_DONE();
}

static void guest_op_in_handler(void)
{
	setup_cpu();
	GUEST_EXPECT(sdei_op(EVENT_SIGNAL, SDEI_EVENT_SW_SIGNALED, sdei_mpidr[0], 0),
		     SDEI_SUCCESS);
	GUEST_ASSERT_EQ(sdei_this_handler()->runs, 1);
	GUEST_DONE();
}

/* From the first signal until the last handler starts */
static u64 signal_all(void)
{
	u64 start, end = 0;
	unsigned int i;

	perf_left = perf->nr_vcpus - 1;
	perf_cpu[0].round = ++perf_round;
	dsb(ish);

	start = now();
	for (i = 1; i < perf->nr_vcpus; i++)
		perf->send(i);
	do
		wfi();
	while (gic_get_and_ack_irq() == IAR_SPURIOUS);
	gic_set_eoi(SGI_DONE);

	for (i = 1; i < perf->nr_vcpus; i++)
		end = max(end, READ_ONCE(perf_cpu[i].stamp));
	return end - start;
}

static void guest_sender(void)
{
	int i, j;
	u64 sum;

	setup_cpu();
	while (READ_ONCE(perf_ready) < perf->nr_vcpus - 1)
		GUEST_SYNC(SYNC_SETTLE);

	for (i = 0; i < NR_ROUNDS; i++) {
		sum = 0;
		for (j = 0; j < nr_iterations; j++) {
			GUEST_SYNC(SYNC_SETTLE);
			sum += signal_all();
		}
		report(sum);
	}
	GUEST_DONE();
}

static void guest_target(void)
{
	struct perf_cpu *cpu = &perf_cpu[guest_get_vcpuid()];

	cpu->left = &perf_left;
	cpu->wake = sgi_to(0, SGI_DONE);
	setup_cpu();
	__atomic_fetch_add(&perf_ready, 1, __ATOMIC_SEQ_CST);
	local_irq_enable();
	perf->loop();
}

/* Each vCPU that is signalled signals all others */
static void handle_all_to_all(struct sdei_handler *h)
{
	unsigned int i, id = guest_get_vcpuid();
	struct perf_cpu *cpu = &perf_cpu[id];

	if (cpu->round == READ_ONCE(perf_round))
		return;
	cpu->round = perf_round;

	for (i = 0; i < perf->nr_vcpus; i++) {
		if (i != id)
			send_signal(i);
	}
	cpu->stamp = now();
	if (!__atomic_sub_fetch(&perf_left, 1, __ATOMIC_SEQ_CST)) {
		write_sysreg_s(cpu->wake, SYS_ICC_SGI1R_EL1);
		isb();
	}
}

/* The VMM is what raises something */
static void guest_vmm_target(void)
{
	setup_cpu();
	gic_irq_set_config(SPI_VMM, true);
	gic_irq_enable(SPI_VMM);
	if (perf->entry)
		register_event(SDEI_EVENT_NMI, &perf_cpu[0]);
	WRITE_ONCE(perf_ready, 1);
	local_irq_enable();
	perf->loop();
}

/* The VMM */

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
	bool			stop, nmi;
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

/* Without what sdei_get_reg() does to describe an error that there is not */
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

/* Whether the vCPU goes on after a ucall */
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
	if (READ_ONCE(cpu->nmi)) {
		cpu->nmi = false;
		sdei_raise_nmi(cpu->vcpu);
	}
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

/*
 * Whoever signals has priority over those that spin, where there are not enough
 * CPUs for all. Takes CAP_SYS_NICE; without it the measurement takes longer.
 */
static void set_priority(bool high)
{
	struct sched_param param = { .sched_priority = high };
	static bool failed;

	if (!sched_setscheduler(0, high ? SCHED_FIFO : SCHED_OTHER, &param) || failed)
		return;

	failed = true;
	printf("# no real-time priority: %s\n", strerror(errno));
}

static u64 run_all(struct perf_vm *v)
{
	unsigned int i;

	for (i = 1; i < v->nr_vcpus; i++)
		start(&v->cpu[i]);

	set_priority(v->nr_vcpus > 1);
	run_vcpu(&v->cpu[0]);
	set_priority(false);

	for (i = 1; i < v->nr_vcpus; i++)
		stop(&v->cpu[i]);

	return sdei_guest_var(v, perf_best);
}

static void raise_nmi(struct perf_vm *v)
{
	WRITE_ONCE(v->cpu[0].nmi, true);
	kick(&v->cpu[0]);
}

/* An edge */
static void raise_irq(struct perf_vm *v)
{
	kvm_arm_irq_line(v->vm, SPI_VMM, 1);
}

static u64 raise_once(struct perf_vm *v)
{
	u64 start, stamp, last;

	usleep(SETTLE_USEC);
	last = sdei_guest_var(v, perf_cpu[0].stamp);
	start = now();
	v->perf->raise(v);
	do {
		usleep(SETTLE_USEC);
		stamp = sdei_guest_var(v, perf_cpu[0].stamp);
	} while (stamp == last);
	if (v->perf->raise == raise_irq)
		kvm_arm_irq_line(v->vm, SPI_VMM, 0);

	return stamp - start;
}

static u64 host_raise(struct perf_vm *v)
{
	u64 sum, best = 0;
	int i, j;

	start(&v->cpu[0]);
	set_priority(true);
	while (!sdei_guest_var(v, perf_ready))
		usleep(SETTLE_USEC);

	for (i = 0; i < NR_ROUNDS; i++) {
		sum = 0;
		for (j = 0; j < nr_iterations; j++)
			sum += raise_once(v);
		best = best ? min(best, sum) : sum;
	}

	set_priority(false);
	stop(&v->cpu[0]);
	return best;
}

static void list_sdei_regs(u64 *id)
{
	int i;

	*id++ = KVM_REG_ARM_SDEI_VERSION;
	*id++ = KVM_REG_ARM_SDEI_PE_STATE;
	for (i = 0; i < NR_EVENTS; i++) {
		*id++ = KVM_REG_ARM_SDEI_EVENT_STATE(i);
		*id++ = KVM_REG_ARM_SDEI_EVENT_ENTRY(i);
		*id++ = KVM_REG_ARM_SDEI_EVENT_ARG(i);
	}
	for (i = 0; i < NR_CTX_REGS; i++) {
		*id++ = KVM_REG_ARM_SDEI_CONTEXT_X(0, i);
		*id++ = KVM_REG_ARM_SDEI_CONTEXT_X(1, i);
	}
}

static u64 measure_regs(struct perf_vm *v, bool set)
{
	struct kvm_vcpu *vcpu = v->cpu[0].vcpu;
	u64 id[NR_SDEI_REGS], val[NR_SDEI_REGS];
	u64 start, best = 0;
	int i, j, n;

	for (n = 0; n < NR_SDEI_REGS; n++)
		id[n] = ARM64_CORE_REG(regs.regs[n % 31]);
	if (v->perf->needs_sdei)
		list_sdei_regs(id);
	for (n = 0; n < NR_SDEI_REGS; n++)
		val[n] = get_reg(vcpu, id[n]);

	for (i = 0; i < NR_ROUNDS; i++) {
		start = now();
		for (j = 0; j < nr_iterations; j++) {
			for (n = 0; n < NR_SDEI_REGS; n++) {
				if (set)
					vcpu_set_reg(vcpu, id[n], val[n]);
				else
					val[n] = get_reg(vcpu, id[n]);
			}
		}
		start = now() - start;
		best = best ? min(best, start) : start;
	}
	return best;
}

static u64 host_save(struct perf_vm *v)
{
	return measure_regs(v, false);
}

static u64 host_restore(struct perf_vm *v)
{
	return measure_regs(v, true);
}

/* Guest and host read the same counter, and WFI sleeps at once */
static void setup_vm(struct perf_vm *v)
{
	struct kvm_arm_counter_offset offset = {};
	struct kvm_smccc_filter filter = {
		.base		= SDEI_1_0_FN_BASE,
		.nr_functions	= 32,
		.action		= KVM_SMCCC_FILTER_FWD_TO_USER,
	};

	if (kvm_has_cap(KVM_CAP_COUNTER_OFFSET))
		vm_ioctl(v->vm, KVM_ARM_SET_COUNTER_OFFSET, &offset);
	vm_enable_cap(v->vm, KVM_CAP_HALT_POLL, 0);
	if (v->perf->user)
		TEST_ASSERT(!__kvm_device_attr_set(v->vm->fd, KVM_ARM_VM_SMCCC_CTRL,
						   KVM_ARM_VM_SMCCC_FILTER, &filter),
			    "no SMCCC filter: %s", strerror(errno));
	virt_pg_map(v->vm, MMIO_GPA, MMIO_GPA);
}

static void create_vm(struct perf_vm *v)
{
	struct kvm_vcpu_init init;
	unsigned int i;
	int gic;

	v->vm = vm_create(v->nr_vcpus);
	vm_ioctl(v->vm, KVM_ARM_PREFERRED_TARGET, &init);
	init.features[0] |= BIT(KVM_ARM_VCPU_PSCI_0_2);

	for (i = 0; i < v->nr_vcpus; i++) {
		v->cpu[i].v = v;
		v->cpu[i].vcpu = aarch64_vcpu_add(v->vm, i, &init,
						  i ? guest_target : v->perf->guest);
		sdei_mpidr[i] = get_reg(v->cpu[i].vcpu,
					KVM_ARM64_SYS_REG(SYS_MPIDR_EL1));
	}
	vm_init_descriptor_tables(v->vm);
	for (i = 0; i < v->nr_vcpus; i++)
		vcpu_init_descriptor_tables(v->cpu[i].vcpu);

	/* A library that gives each VM a vGIC wants to be told that this is all */
	gic = vgic_v3_setup(v->vm, v->nr_vcpus, 64);
	if (gic >= 0)
		close(gic);
	else if (errno != EEXIST)
		ksft_exit_skip("no vGICv3\n");
	else if (kvm_arch_vm_finalize_vcpus)
		kvm_arch_vm_finalize_vcpus(v->vm);
	setup_vm(v);
}

static double measure(const struct perf *row)
{
	static const struct sdei_test no_smc;
	struct perf_vm v = { .perf = row, .nr_vcpus = row->nr_vcpus ?: 1 };
	double ticks;

	/* A hang ends in SIGALRM */
	alarm(4 * SDEI_TIMEOUT_SEC + nr_iterations);
	create_vm(&v);
	perf = row;
	sdei_test = &no_smc;
	sync_global_to_guest(v.vm, perf);
	sync_global_to_guest(v.vm, sdei_test);
	sync_global_to_guest(v.vm, sdei_mpidr);
	sync_global_to_guest(v.vm, nr_iterations);
	ticks = row->host ? row->host(&v) : run_all(&v);
	kvm_vm_free(v.vm);

	return ticks / nr_iterations / (row->nr_signals ?: 1);
}

#define OP(_name, _op, _to, ...)					\
	{ .name = _name, .to = _to, .guest = guest_op, .op = _op, ##__VA_ARGS__ }
#define SEND(_name, _send, _loop, _to, ...)				\
	{ .name = _name, .to = _to, .guest = guest_sender, .send = _send, .loop = _loop,\
	  .nr_vcpus = 2, ##__VA_ARGS__ }
#define RAISE(_name, _raise, _loop, _to, ...)				\
	{ .name = _name, .to = _to, .guest = guest_vmm_target, .loop = _loop,	\
	  .host = host_raise, .raise = _raise, ##__VA_ARGS__ }
#define REGS(_name, _host, _to, ...)					\
	{ .name = _name, .to = _to, .guest = guest_op, .host = _host, ##__VA_ARGS__ }
#define GROW(_name, _n, _signals, _send, _to, ...)			\
	{ .name = _name #_n, .to = _to "2", .guest = guest_sender, .send = _send,	\
	  .loop = perf_wfi, .nr_vcpus = _n, .nr_signals = _signals, ##__VA_ARGS__ }

/* KVM's SDEI; the VMM's */
#define SDEI(_entry)	.entry = _entry, .needs_sdei = true
#define USER(_entry)	.entry = _entry, .user = true

static const struct perf rows[] = {
	OP("psci_version", op_psci_version, NULL),
	OP("mmio_read", op_mmio_read, NULL),
	OP("sgi_self", op_sgi, NULL),
	SEND("sgi_spin", send_sgi, perf_spin, NULL),
	SEND("sgi_wfi", send_sgi, perf_wfi, NULL),
	RAISE("irq_line_spin", raise_irq, perf_spin, NULL),
	RAISE("irq_line_wfi", raise_irq, perf_wfi, NULL),
	REGS("core_regs_get", host_save, NULL),
	REGS("core_regs_set", host_restore, NULL),

	OP("sdei_version", op_version, NULL, SDEI(perf_handle)),
	OP("sdei_status", op_status, NULL, SDEI(perf_handle)),
	{
		.name = "sdei_context",
		.guest = guest_op_in_handler,
		.op = op_context,
		.fn = measure_op,
		SDEI(sdei_entry),
	},
	OP("sdei_self", op_signal, "sgi_self", SDEI(perf_handle)),
	OP("sdei_self_resume", op_signal, "sgi_self", SDEI(perf_handle_resume)),
	SEND("sdei_spin", send_signal, perf_spin, "sgi_spin", SDEI(perf_handle_stamp)),
	SEND("sdei_wfi", send_signal, perf_wfi, "sgi_wfi", SDEI(perf_handle_stamp)),
	RAISE("nmi_spin", raise_nmi, perf_spin, "irq_line_spin", SDEI(perf_handle_stamp)),
	RAISE("nmi_wfi", raise_nmi, perf_wfi, "irq_line_wfi", SDEI(perf_handle_stamp)),
	REGS("sdei_regs_get", host_save, "core_regs_get", .needs_sdei = true),
	REGS("sdei_regs_set", host_restore, "core_regs_set", .needs_sdei = true),

	OP("user_version", op_version, "sdei_version", USER(perf_handle)),
	OP("user_status", op_status, "sdei_status", USER(perf_handle)),
	{
		.name = "user_context",
		.to = "sdei_context",
		.guest = guest_op_in_handler,
		.op = op_context,
		.fn = measure_op,
		USER(sdei_entry),
	},
	OP("user_self", op_signal, "sdei_self", USER(perf_handle)),
	OP("user_self_resume", op_signal, "sdei_self_resume", USER(perf_handle_resume)),
	SEND("user_spin", send_signal, perf_spin, "sdei_spin", USER(perf_handle_stamp)),
	SEND("user_wfi", send_signal, perf_wfi, "sdei_wfi", USER(perf_handle_stamp)),

	/* For each signal, with so many vCPUs */
	GROW("sgi_one_to_all_", 2, 1, send_sgi, "sgi_one_to_all_"),
	GROW("sgi_one_to_all_", 4, 3, send_sgi, "sgi_one_to_all_"),
	GROW("sgi_one_to_all_", 8, 7, send_sgi, "sgi_one_to_all_"),
	GROW("sdei_one_to_all_", 2, 1, send_signal, "sdei_one_to_all_", SDEI(perf_handle_stamp)),
	GROW("sdei_one_to_all_", 4, 3, send_signal, "sdei_one_to_all_", SDEI(perf_handle_stamp)),
	GROW("sdei_one_to_all_", 8, 7, send_signal, "sdei_one_to_all_", SDEI(perf_handle_stamp)),
	GROW("sdei_all_to_all_", 2, 2, send_signal, "sdei_all_to_all_", SDEI(sdei_entry),
	     .fn = handle_all_to_all),
	GROW("sdei_all_to_all_", 4, 12, send_signal, "sdei_all_to_all_", SDEI(sdei_entry),
	     .fn = handle_all_to_all),
	GROW("sdei_all_to_all_", 8, 56, send_signal, "sdei_all_to_all_", SDEI(sdei_entry),
	     .fn = handle_all_to_all),
};

static double results[ARRAY_SIZE(rows)];

static double result_of(const char *name)
{
	unsigned int i;

	for (i = 0; name && i < ARRAY_SIZE(rows); i++) {
		if (!strcmp(rows[i].name, name))
			return results[i];
	}
	return 0;
}

static void print_result(const struct perf *row, double ticks)
{
	double to = result_of(row->to);

	printf("%-20s %12.1f %8.3f", row->name, ticks, ticks / result_of("psci_version"));
	if (to)
		printf(" %8.3f %s", ticks / to, row->to);
	printf("\n");
	fflush(stdout);
}

/*
 * An emulator that counts instructions may have a counter that says how many: a
 * loop of 100000 takes about as many ticks then.
 */
static bool ticks_are_instructions(void)
{
	u64 n, start, ticks = -1;
	int i;

	for (i = 0; i < NR_ROUNDS; i++) {
		n = 50000;
		start = now();
		asm volatile("1: subs %0, %0, #1\n\tb.ne 1b" : "+r" (n) : : "cc");
		ticks = min(ticks, now() - start);
	}

	return ticks >= 100000 && ticks < 101000;
}

static void print_usage(const char *name)
{
	printf("usage: %s [-h] [-i iterations] [-v vcpus] [what ...]\n\n", name);
	printf(" -h: display this help message\n");
	printf(" -i: how often to do each in a round, of which there are %d (default: %d)\n",
	       NR_ROUNDS, nr_iterations);
	printf(" -v: with up to how many vCPUs (default: %d)\n", max_vcpus);
	printf(" what: only these lines, by their names (default: all)\n");
}

static void parse_options(int argc, char **argv)
{
	int opt;

	while ((opt = getopt(argc, argv, "hi:v:")) != -1) {
		switch (opt) {
		case 'i':
			nr_iterations = atoi_positive("Number of iterations", optarg);
			break;
		case 'v':
			max_vcpus = atoi_positive("Number of vCPUs", optarg);
			break;
		case 'h':
		default:
			print_usage(argv[0]);
			exit(opt == 'h' ? KSFT_PASS : KSFT_FAIL);
		}
	}
}

static bool is_wanted(const struct perf *row, char **names)
{
	bool wanted = row == rows || !*names;

	for (; *names; names++)
		wanted |= !strcmp(row->name, *names);
	return wanted;
}

int main(int argc, char **argv)
{
	bool has_sdei;
	unsigned int i;

	parse_options(argc, argv);

	/* No EL2 for the guest */
	setenv("NV", "0", 1);
	signal(SIGUSR1, handle_kick);
	has_sdei = sdei_regs_are_available();

	printf("# counter: %lu ticks per second, %s\n", (unsigned long)read_sysreg(cntfrq_el0),
	       ticks_are_instructions() ? "each an instruction of an emulator" : "which are time");
	if (!has_sdei)
		printf("# KVM has no SDEI: without the lines that need it\n");
	printf("# %-18s %12s %8s %8s\n", "what", "ticks", "x psci", "x other");

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if ((rows[i].needs_sdei && !has_sdei) || rows[i].nr_vcpus > max_vcpus ||
		    !is_wanted(&rows[i], argv + optind))
			continue;
		results[i] = measure(&rows[i]);
		print_result(&rows[i], results[i]);
	}

	return KSFT_PASS;
}
