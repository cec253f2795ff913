/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The machinery of sdei_fuzz_test: an episode of ops, VMs to run it in, batches of
 * steps for a vCPU, and the comparison of all that can be seen with the model.
 */
#ifndef SELFTEST_KVM_SDEI_FUZZ_H
#define SELFTEST_KVM_SDEI_FUZZ_H

#include <sys/time.h>

#include "sdei_engine.h"
#include "sdei_model_regs.h"
#include "sdei_random.h"

#define NR_VCPUS		MODEL_MAX_PES
#define NR_VMS			2
#define EPISODE_OPS		4096
#define BATCH			128

#define TICK_USEC		2000
#define HANG_TICKS		5000
#define SHRINK_HANG_TICKS	500

#define SCTLR_SPAN		BIT(23)
#define SCTLR_DSSBS		BIT_ULL(44)
#define SP_EL0_VALUE		0x5e10000UL
#define RESET_PSTATE		(MODEL_PSTATE_EL1H | MODEL_PSTATE_DAIF)

#define FN_CPU_OFF		PSCI_0_2_FN_CPU_OFF
#define FN_CPU_ON		PSCI_0_2_FN64_CPU_ON

kvm_static_assert(NR_VCPUS <= SDEI_MAX_VCPUS);

/* A 32-bit argument: the upper half doesn't matter */
static u64 arg32(struct rng *r, u32 val)
{
	return one_in(r, 2) ? val : (rnd(r) << 32 | val);
}

/*
 * What is done. An op has all its choices from a seed of its own, and makes sense in
 * any state, so that any of them can be left out.
 */

enum op_type {
	OP_CALL,
	OP_SVC,
	OP_NMI,
	OP_POKE,
	OP_STATES,
	OP_CHECK,
	OP_WFI,
	OP_STOP,
	OP_START,
	OP_CPU_OFF,
	OP_CPU_ON,
	OP_INIT,
	OP_MOVE,
	NR_OPS
};

/* Of 10000. What the VMM does takes as long as hundreds of calls. */
static const unsigned int op_weight[NR_OPS] = {
	[OP_CALL]	= 9643,
	[OP_SVC]	= 100,
	[OP_NMI]	= 150,
	[OP_POKE]	= 25,
	[OP_STATES]	= 15,
	[OP_CHECK]	= 4,
	[OP_WFI]	= 5,
	[OP_STOP]	= 5,
	[OP_START]	= 10,
	[OP_CPU_OFF]	= 10,
	[OP_CPU_ON]	= 25,
	[OP_INIT]	= 6,
	[OP_MOVE]	= 2,
};

#define CALLS_PER_VCPU		80

struct op {
	enum op_type	type;
	unsigned int	vcpu;
	bool		skip;
	u64		seed;
};

struct episode {
	u64		seed;
	unsigned int	nr;
	struct op	op[EPISODE_OPS];
};

static enum op_type draw_op(struct rng *r)
{
	unsigned int n = rnd(r) % 10000;
	enum op_type type;

	for (type = 0; n >= op_weight[type]; type++)
		n -= op_weight[type];
	return type;
}

static void draw_episode(struct episode *e, u64 seed, unsigned int nr)
{
	struct rng r = { seed };
	unsigned int i, vcpu = 0;

	e->seed = seed;
	e->nr = nr;
	for (i = 0; i < e->nr; i++) {
		if (one_in(&r, CALLS_PER_VCPU))
			vcpu = rnd(&r) % NR_VCPUS;
		e->op[i].type = draw_op(&r);
		e->op[i].vcpu = vcpu;
		e->op[i].skip = false;
		e->op[i].seed = rnd(&r);
	}
}

/*
 * The guests: two VMs, of which one runs. They have the same memory layout, so that a
 * vCPU's registers are enough to continue in the other one.
 */

static struct engine_step programs[NR_VCPUS][BATCH + 1] __aligned(4096);

static const u32 boot_sysreg[] = {
	SYS_CPACR_EL1, SYS_TCR_EL1, SYS_MAIR_EL1, SYS_TTBR0_EL1, SYS_TPIDR_EL1,
};

struct machine {
	struct sdei_vm	v[NR_VMS];
	unsigned int	cur;
	bool		ran[NR_VMS];
	u64		boot[NR_VCPUS][ARRAY_SIZE(boot_sysreg)];
	u64		sctlr;
	u64		exit_addr;
	u64		psci_version;
	u64		version;
	bool		no_sdei;	/* turned off before the first vCPU runs */
	bool		has_pstate;	/* PAN, UAO, DIT and SSBS */
	bool		aarch32_el0;
};

/* A run of an episode, or of what is left of it */
struct fuzz {
	struct machine		*mc;
	struct model		model;
	const struct op		*op;
	unsigned int		op_index;
	u64			steps;
	u64			handlers;	/* that were entered */
	u64			nested;
	int			hang_ticks;
	bool			trace;
	bool			failed;
	unsigned int		failed_op;
	char			why[256];

	/* The batch that a vCPU runs next, -1 if there is none */
	int			batch_vcpu;
	unsigned int		nr_steps;
	unsigned int		nr_expected;
	struct engine_step	*program;
	struct model_regs	expected[BATCH + 1];
	unsigned int		expected_op[BATCH + 1];
	bool			io_pending[NR_VCPUS];
};

static __printf(2, 3) void fail(struct fuzz *f, const char *fmt, ...)
{
	va_list ap;

	if (f->failed)
		return;
	f->failed = true;
	f->failed_op = f->op_index;
	va_start(ap, fmt);
	vsnprintf(f->why, sizeof(f->why), fmt, ap);
	va_end(ap);
}

#define trace(_f, ...)							\
do {									\
	if ((_f)->trace)						\
		ksft_print_msg(__VA_ARGS__);				\
} while (0)

static struct sdei_vm *cur_vm(struct fuzz *f)
{
	return &f->mc->v[f->mc->cur];
}

static struct kvm_vcpu *cur_vcpu(struct fuzz *f, unsigned int i)
{
	return cur_vm(f)->vcpu[i];
}

static const char *pc_name(u64 pc)
{
	static const struct {
		void		(*fn)(void);
		const char	*name;
	} labels[] = {
		{ engine_start, "start" },
		{ engine_after_hvc, "after HVC" },
		{ engine_after_smc, "after SMC" },
		{ engine_after_wfi, "after WFI" },
		{ engine_after_svc, "after SVC" },
		{ engine_after_exit, "after an exit" },
	};
	static char name[32];
	int i;

	for (i = 0; i < ARRAY_SIZE(labels); i++) {
		if (pc == (u64)labels[i].fn)
			return labels[i].name;
	}
	for (i = 0; i < 16; i++) {
		snprintf(name, sizeof(name), "vector %#x", i * 0x80);
		if (pc == (u64)engine_vectors + i * 0x80)
			return name;
	}
	for (i = 0; i < ENGINE_NR_ENTRIES; i++) {
		snprintf(name, sizeof(name), "handler %d", i);
		if (pc == engine_entry(i))
			return name;
	}
	for (i = 0; i < ENGINE_NR_RESUMES; i++) {
		snprintf(name, sizeof(name), "resumed %d", i);
		if (pc == engine_resume(i))
			return name;
	}
	snprintf(name, sizeof(name), "%#lx", (unsigned long)pc);
	return name;
}

/*
 * Pseudo-registers
 */

static u64 reg_id(unsigned int reg)
{
	if (reg >= MODEL_REG_CONTEXT)
		return KVM_REG_ARM_SDEI_CONTEXT_X(0, reg - MODEL_REG_CONTEXT);
	if (reg >= MODEL_REG_ARG)
		return KVM_REG_ARM_SDEI_EVENT_ARG(reg - MODEL_REG_ARG);
	if (reg >= MODEL_REG_ENTRY)
		return KVM_REG_ARM_SDEI_EVENT_ENTRY(reg - MODEL_REG_ENTRY);
	if (reg >= MODEL_REG_STATE)
		return KVM_REG_ARM_SDEI_EVENT_STATE(reg - MODEL_REG_STATE);
	return reg == MODEL_REG_VERSION ? KVM_REG_ARM_SDEI_VERSION : KVM_REG_ARM_SDEI_PE_STATE;
}

static void check_reg(struct fuzz *f, unsigned int i, unsigned int reg)
{
	u64 val = vcpu_get_reg(cur_vcpu(f, i), reg_id(reg));
	u64 expected = model_get_reg(&f->model, &f->model.pe[i], reg);

	if (val != expected)
		fail(f, "vCPU %u: register %#x is %#lx, not %#lx", i, (u16)reg_id(reg),
		     (unsigned long)val, (unsigned long)expected);
}

static void check_vcpu(struct fuzz *f, unsigned int i)
{
	unsigned int reg;

	for (reg = 0; reg < MODEL_NR_REGS; reg++)
		check_reg(f, i, reg);
}

static void check_states(struct fuzz *f, unsigned int i)
{
	int event;

	check_reg(f, i, MODEL_REG_PE_STATE);
	for (event = 0; event < MODEL_NR_EVENTS; event++)
		check_reg(f, i, MODEL_REG_STATE + event);
}

static void poke_reg(struct fuzz *f, unsigned int i, unsigned int reg, u64 val)
{
	int err = sdei_set_reg(cur_vcpu(f, i), reg_id(reg), val);
	int expected = -model_set_reg(&f->model, &f->model.pe[i], reg, val);

	trace(f, "vCPU %u: register %#x = %#lx: %s\n", i, (u16)reg_id(reg),
	      (unsigned long)val, strerror(expected));
	if (err != expected)
		fail(f, "vCPU %u: register %#x = %#lx: %s, not %s", i, (u16)reg_id(reg),
		     (unsigned long)val, strerror(err), strerror(expected));
}

/*
 * Running a vCPU
 */

static struct kvm_run *ticked_run;

/* What else would end a WFI? */
static void handle_tick(int sig)
{
	if (ticked_run)
		WRITE_ONCE(ticked_run->immediate_exit, 1);
}

/* A VM can't be created where there are signals */
static void set_ticks(long usec)
{
	struct sigaction action = { .sa_handler = handle_tick };
	struct itimerval tick = {
		.it_interval.tv_usec = usec,
		.it_value.tv_usec = usec,
	};

	TEST_ASSERT(!sigaction(SIGALRM, &action, NULL), "sigaction() failed");
	TEST_ASSERT(!setitimer(ITIMER_REAL, &tick, NULL), "setitimer() failed");
}

static int run_once(struct fuzz *f, unsigned int i)
{
	struct kvm_vcpu *vcpu = cur_vcpu(f, i);
	int ret;

	ticked_run = vcpu->run;
	ret = __vcpu_run(vcpu) ? errno : 0;
	ticked_run = NULL;
	vcpu->run->immediate_exit = 0;
	f->mc->ran[f->mc->cur] = true;
	f->model.has_run = true;
	return ret;
}

static void complete_io(struct fuzz *f, unsigned int i)
{
	if (f->io_pending[i])
		vcpu_run_complete_io(cur_vcpu(f, i));
	f->io_pending[i] = false;
}

static u64 get_pc(struct fuzz *f, unsigned int i)
{
	return vcpu_get_reg(cur_vcpu(f, i), ARM64_CORE_REG(regs.pc));
}

static bool is_stopped(struct fuzz *f, unsigned int i)
{
	struct kvm_mp_state state;

	vcpu_mp_state_get(cur_vcpu(f, i), &state);
	return state.mp_state == KVM_MP_STATE_STOPPED;
}

/* Where an exception leaves a bit as it was, QEMU's CPUs clear it */
static u64 unknown_pstate(const struct model_regs *at)
{
	return at->pc == engine_vector(0) || at->pc == engine_vector(1) ?
	       MODEL_PSTATE_NZCV | MODEL_PSTATE_DIT : 0;
}

static void compare_log(struct fuzz *f, unsigned int n, const struct model_regs *log)
{
	static const char * const name[] = { "SP", "PC", "PSTATE", "ELR_EL1", "SPSR_EL1" };
	const u64 *is = log->x, *expected = f->expected[n].x;
	char reg[16];
	int i;

	for (i = 0; i < sizeof(*log) / sizeof(u64); i++) {
		if (is[i] == expected[i])
			continue;
		if (&is[i] == &log->pstate &&
		    !((is[i] ^ expected[i]) & ~unknown_pstate(&f->expected[n])))
			continue;
		snprintf(reg, sizeof(reg), "x%d", i);
		f->op_index = f->expected_op[n];
		fail(f, "vCPU %d: %s is %#lx, not %#lx, at %s", f->batch_vcpu,
		     i < 31 ? reg : name[i - 31], (unsigned long)is[i],
		     (unsigned long)expected[i], pc_name(f->expected[n].pc));
		if (log->pc != f->expected[n].pc)
			snprintf(f->why, sizeof(f->why), "vCPU %d: PC is %#lx, not at %s",
				 f->batch_vcpu, (unsigned long)log->pc,
				 pc_name(f->expected[n].pc));
		return;
	}
}

/* Whether a vCPU that was interrupted is where it waits forever */
static bool is_waiting(struct fuzz *f, enum op_type how)
{
	unsigned int i = f->batch_vcpu;

	switch (how) {
	case OP_WFI:
		return get_pc(f, i) == (u64)engine_after_wfi;
	case OP_CPU_OFF:
		return is_stopped(f, i);
	default:
		return false;
	}
}

/* How far it came: each landing leaves a PC */
static unsigned int nr_landings(struct fuzz *f)
{
	unsigned int n;

	for (n = 0; n < f->nr_steps; n++) {
		if (!READ_ONCE(f->program[n].log.pc))
			break;
	}
	return n;
}

/* Run the batch to its end: an exit, or how a vCPU waits, and compare its log */
static void run_batch(struct fuzz *f, enum op_type how)
{
	unsigned int i = f->batch_vcpu, n, nr, ticks = 0, last_op = f->op_index;
	struct kvm_run *run = cur_vcpu(f, i)->run;
	bool waits = false;
	int err;

	f->program[f->nr_steps - 1].next = programs[i];
	do {
		err = run_once(f, i);
		waits = err == EINTR && nr_landings(f) == f->nr_expected && is_waiting(f, how);
	} while (err == EINTR && !waits && ++ticks < f->hang_ticks);

	nr = nr_landings(f);
	for (n = 0; n < nr && !f->failed; n++)
		compare_log(f, n, &f->program[n].log);
	f->op_index = last_op;

	if (nr != f->nr_expected)
		fail(f, "vCPU %u: took %u steps, not %u%s", i, nr, f->nr_expected,
		     err == EINTR ? ", and hangs" : "");
	if (how == OP_CALL ? err : !waits)
		fail(f, "vCPU %u: %s, exit reason %u", i, err ? strerror(err) : "does not wait",
		     run->exit_reason);
	if (!err && (run->exit_reason != KVM_EXIT_MMIO ||
		     run->mmio.phys_addr != cur_vm(f)->vm->ucall_mmio_addr))
		fail(f, "vCPU %u: unexpected exit %u", i, run->exit_reason);

	f->io_pending[i] = !err;
	f->batch_vcpu = -1;
}

/*
 * Making a batch, while the model runs ahead
 */

/* The model's vCPU is at its next landing */
static void expect_landing(struct fuzz *f, struct model_pe *pe)
{
	struct model_regs *regs = &f->expected[f->nr_expected];
	unsigned int i = pe - f->model.pe;

	if (pe->regs.pc >= engine_entry(0) && pe->regs.pc < engine_resume(0)) {
		f->handlers++;
		f->nested += model_running_at(pe, MODEL_NORMAL) >= 0 &&
			     model_running_at(pe, MODEL_CRITICAL) >= 0;
	}

	f->expected_op[f->nr_expected++] = f->op_index;
	*regs = pe->regs;
	regs->sp = pe->regs.pstate & 1 ? cur_vm(f)->sp[i] : SP_EL0_VALUE;
}

static void start_batch(struct fuzz *f, unsigned int i)
{
	struct model_pe *pe = &f->model.pe[i];

	f->batch_vcpu = i;
	f->nr_steps = 0;
	f->nr_expected = 0;
	f->program = addr_gva2hva(cur_vm(f)->vm, (u64)programs[i]);

	if (model_deliver(pe))
		trace(f, "vCPU %u: at %s\n", i, pc_name(pe->regs.pc));
	expect_landing(f, pe);
}

static u64 draw_pstate(struct fuzz *f, struct rng *r)
{
	u64 bits = MODEL_PSTATE_NZCV | MODEL_PSTATE_DAIF | 1;

	if (f->mc->has_pstate)
		bits |= MODEL_PSTATE_PAN | MODEL_PSTATE_UAO | MODEL_PSTATE_DIT |
			MODEL_PSTATE_SSBS;
	return MODEL_PSTATE_EL1T | (rnd(r) & bits);
}

/* All registers are new at each step, but what the instruction takes */
static struct engine_step *draw_step(struct fuzz *f, struct rng *r, enum engine_insn insn)
{
	struct engine_step *step = &f->program[f->nr_steps];
	u64 x = rnd(r);
	int i;

	for (i = 0; i < ARRAY_SIZE(step->in.x); i++, x += 0x0101010101010101ULL)
		step->in.x[i] = x;
	step->in.pstate = draw_pstate(f, r);
	step->in.elr = ~x;
	step->in.spsr = draw_pstate(f, r);
	step->insn = insn;
	step->has_pstate = f->mc->has_pstate;
	step->log.pc = 0;
	step->next = &programs[f->batch_vcpu][++f->nr_steps];
	return step;
}

static void model_step(struct fuzz *f, const struct engine_step *step, void (*after)(void))
{
	struct model_pe *pe = &f->model.pe[f->batch_vcpu];

	pe->regs = step->in;
	pe->regs.pc = (u64)after;
	f->steps++;
}

/* End the batch that there is */
static void flush(struct fuzz *f)
{
	struct rng r = { f->op->seed };
	struct engine_step *step;

	if (f->batch_vcpu < 0 || f->failed)
		return;

	step = draw_step(f, &r, ENGINE_EXIT);
	step->in.x[0] = f->mc->exit_addr;
	model_step(f, step, engine_after_exit);
	run_batch(f, OP_CALL);
}

/* Have a batch for that vCPU with room for a step, false if it can't run */
static bool get_batch(struct fuzz *f, unsigned int i)
{
	if (f->batch_vcpu != i || f->nr_steps == BATCH)
		flush(f);
	if (f->failed || !f->model.pe[i].on)
		return false;
	if (f->batch_vcpu < 0)
		start_batch(f, i);
	return true;
}

#endif /* SELFTEST_KVM_SDEI_FUZZ_H */
