// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compare KVM's SDEI with a model of the specification (sdei_model.h) in steps that
 * nobody thought of. One seed decides on what three vCPUs and their VMM do: calls with
 * HVC and SMC in any state and with any arguments, from handlers and outside of them;
 * signals to each other; handlers that complete, resume elsewhere or do neither; WFI,
 * CPU_OFF, CPU_ON and KVM_ARM_VCPU_INIT; the operator's NMI; pseudo-registers that
 * are written with anything, and all of them moved to another VM.
 *
 * The vCPUs run one at a time, so that the model knows what comes: wherever a vCPU
 * finds itself after an instruction, in a handler or not, all its registers must be
 * as in the model, and so must be the pseudo-registers whenever it comes to the VMM.
 *
 * Steps come in episodes that start with a reset of all vCPUs, and have seeds of their
 * own, counted up from the first. One that fails is run again with some steps left
 * out, time and again, and what remains is printed.
 */
#include <getopt.h>
#include <sys/time.h>
#include <time.h>

#include "sdei_engine.h"
#include "sdei_random.h"

#define NR_VCPUS		MODEL_MAX_PES
#define NR_VMS			2
#define EPISODE_OPS		4096
#define EPISODES_PER_VM		32
#define BATCH			128

#define DEFAULT_STEPS		100000
#define TICK_USEC		2000
#define HANG_TICKS		5000
#define SHRINK_HANG_TICKS	500
#define SHRINK_SEC		60

#define SCTLR_SPAN		BIT(23)
#define SCTLR_DSSBS		BIT_ULL(44)
#define SP_EL0_VALUE		0x5e10000UL
#define RESET_PSTATE		(MODEL_PSTATE_EL1H | MODEL_PSTATE_DAIF)

#define FN_CPU_OFF		PSCI_0_2_FN_CPU_OFF
#define FN_CPU_ON		PSCI_0_2_FN64_CPU_ON

kvm_static_assert(NR_VCPUS == SDEI_MAX_VCPUS);

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
	OP_NMI,
	OP_POKE,
	OP_CHECK,
	OP_WFI,
	OP_CPU_OFF,
	OP_CPU_ON,
	OP_INIT,
	OP_MOVE,
	NR_OPS
};

/* Of 10000. What the VMM does takes as long as hundreds of calls. */
static const unsigned int op_weight[NR_OPS] = {
	[OP_CALL]	= 9773,
	[OP_NMI]	= 150,
	[OP_POKE]	= 25,
	[OP_CHECK]	= 4,
	[OP_WFI]	= 5,
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

static void draw_episode(struct episode *e, u64 seed)
{
	struct rng r = { seed };
	unsigned int i, vcpu = 0;

	e->seed = seed;
	e->nr = EPISODE_OPS;
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
 * vCPU's registers are enough to go on in the other one.
 */

static struct engine_step programs[NR_VCPUS][BATCH + 1] __aligned(4096);

static const u32 boot_sysreg[] = {
	SYS_CPACR_EL1, SYS_TCR_EL1, SYS_MAIR_EL1, SYS_TTBR0_EL1, SYS_TPIDR_EL1, SYS_VBAR_EL1,
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

	/* The batch that a vCPU is to run next, -1 if there is none */
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
		{ engine_after_exit, "after an exit" },
	};
	static char name[32];
	int i;

	for (i = 0; i < ARRAY_SIZE(labels); i++) {
		if (pc == (u64)labels[i].fn)
			return labels[i].name;
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
	u64 val = sdei_get_reg(cur_vcpu(f, i), reg_id(reg));
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
	check_reg(f, i, MODEL_REG_PE_STATE);
	check_reg(f, i, MODEL_REG_STATE + MODEL_NORMAL);
	check_reg(f, i, MODEL_REG_STATE + MODEL_CRITICAL);
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
	return sdei_get_reg(cur_vcpu(f, i), ARM64_CORE_REG(regs.pc));
}

static bool is_stopped(struct fuzz *f, unsigned int i)
{
	struct kvm_mp_state state;

	vcpu_mp_state_get(cur_vcpu(f, i), &state);
	return state.mp_state == KVM_MP_STATE_STOPPED;
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

/* Whether a vCPU that was interrupted is where it can't go on from */
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
		f->nested += model_is_running(&pe->event[MODEL_NORMAL]) &&
			     model_is_running(&pe->event[MODEL_CRITICAL]);
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

/*
 * Calls
 */

static u64 draw_event(struct rng *r)
{
	static const u32 other[] = { 1, 0x10000, MODEL_NMI + 1, 0x80000000, 0xffffffff };
	unsigned int n = rnd(r) % 32;

	if (n < 16)
		return arg32(r, 0);
	if (n < 30)
		return arg32(r, MODEL_NMI);
	return n == 30 ? arg32(r, other[rnd(r) % ARRAY_SIZE(other)]) : rnd(r);
}

static u64 draw_code(struct rng *r, u64 addr)
{
	return one_in(r, 16) ? addr + 1 + rnd(r) % 3 : addr;
}

static void draw_register(struct rng *r, unsigned int i, u64 *x)
{
	x[1] = draw_event(r);
	x[2] = one_in(r, 32) ? 0 : draw_code(r, engine_entry(rnd(r)));
	x[3] = rnd(r);
	x[4] = rnd(r) & 1;
	if (one_in(r, 16))
		x[4] ^= BIT_ULL(rnd(r) % 64);
}

static void draw_resume(struct rng *r, unsigned int i, u64 *x)
{
	x[1] = draw_code(r, engine_resume(rnd(r)));
}

static void draw_signal(struct rng *r, unsigned int i, u64 *x)
{
	x[1] = one_in(r, 8) ? draw_event(r) : arg32(r, 0);
	x[2] = sdei_mpidr[one_in(r, 2) ? i : rnd(r) % NR_VCPUS];
	if (one_in(r, 2))
		x[2] ^= rnd(r) & ~MODEL_AFFINITY;
	if (one_in(r, 16))
		x[2] ^= BIT_ULL(rnd(r) % 40);
}

static void draw_info(struct rng *r, unsigned int i, u64 *x)
{
	x[1] = draw_event(r);
	x[2] = arg32(r, rnd(r) % 6);
}

static void draw_number(struct rng *r, unsigned int i, u64 *x)
{
	x[1] = arg32(r, rnd(r) % 20);
	if (one_in(r, 8))
		x[1] ^= BIT_ULL(rnd(r) % 64);
}

static void draw_event_only(struct rng *r, unsigned int i, u64 *x)
{
	x[1] = draw_event(r);
}

static const struct call {
	const char	*name;
	u32		id;
	unsigned int	weight;		/* of 200 */
	void		(*draw)(struct rng *r, unsigned int i, u64 *x);
} calls[] = {
#define SDEI(_name, _weight, _draw)	\
	{ #_name, MODEL_FN_BASE + MODEL_##_name, _weight, _draw }
	SDEI(VERSION, 1, NULL),
	SDEI(REGISTER, 22, draw_register),
	SDEI(ENABLE, 24, draw_event_only),
	SDEI(DISABLE, 5, draw_event_only),
	SDEI(CONTEXT, 10, draw_number),
	SDEI(COMPLETE, 20, NULL),
	SDEI(COMPLETE_AND_RESUME, 14, draw_resume),
	SDEI(UNREGISTER, 4, draw_event_only),
	SDEI(STATUS, 18, draw_event_only),
	SDEI(GET_INFO, 2, draw_info),
	SDEI(ROUTING_SET, 1, draw_event_only),
	SDEI(PE_MASK, 4, NULL),
	SDEI(PE_UNMASK, 20, NULL),
	SDEI(BIND, 2, draw_number),
	SDEI(RELEASE, 1, draw_event_only),
	SDEI(SIGNAL, 40, draw_signal),
	SDEI(FEATURES, 2, draw_number),
	SDEI(PRIVATE_RESET, 1, NULL),
	SDEI(SHARED_RESET, 1, NULL),
	{ "of no function", MODEL_FN_BASE + MODEL_NR_FNS, 4, draw_event_only },
	{ "with SMC32", MODEL_FN_BASE & ~BIT(30), 2, draw_event_only },
	{ "behind the range", MODEL_FN_BASE + 0x30, 1, NULL },
	{ "PSCI_VERSION", PSCI_0_2_FN_PSCI_VERSION, 1, NULL },
#undef SDEI
};

static const struct call *draw_call(struct rng *r, unsigned int i, u64 *x)
{
	unsigned int n = rnd(r) % 200;
	const struct call *call;

	for (call = calls; n >= call->weight; call++)
		n -= call->weight;

	x[0] = call->id;
	if (call->id == MODEL_FN_BASE + MODEL_NR_FNS)
		x[0] += rnd(r) % (MODEL_FN_LAST - x[0] + 1);
	if (call->id == (MODEL_FN_BASE & ~(u32)BIT(30)))
		x[0] += rnd(r) % MODEL_NR_FNS;
	x[0] = arg32(r, x[0]);
	if (call->draw)
		call->draw(r, i, x);
	return call;
}

/* Calls of others: all return x0, and clear x1-x3 */
static void model_other_call(struct fuzz *f, struct model_pe *pe, u64 ret)
{
	pe->regs.x[0] = (u32)pe->regs.x[0] == PSCI_0_2_FN_PSCI_VERSION ?
			f->mc->psci_version : ret;
	memset(&pe->regs.x[1], 0, 3 * sizeof(u64));
}

static struct engine_step *draw_call_step(struct fuzz *f, struct rng *r, void (**after)(void))
{
	bool smc = one_in(r, 2);

	*after = smc ? engine_after_smc : engine_after_hvc;
	return draw_step(f, r, smc ? ENGINE_SMC : ENGINE_HVC);
}

static void op_call(struct fuzz *f, unsigned int i, struct rng *r)
{
	struct model_pe *pe = &f->model.pe[i];
	const struct call *call;
	struct engine_step *step;
	void (*after)(void);

	if (!get_batch(f, i))
		return;

	step = draw_call_step(f, r, &after);
	call = draw_call(r, i, step->in.x);
	model_step(f, step, after);
	if (!model_hypercall(&f->model, pe))
		model_other_call(f, pe, MODEL_NOT_SUPPORTED);
	expect_landing(f, pe);

	trace(f, "vCPU %u: %s %s(%#lx, %#lx, %#lx, %#lx): x0 %#lx at %s\n", i,
	      step->insn == ENGINE_SMC ? "SMC" : "HVC", call->name,
	      (unsigned long)step->in.x[1], (unsigned long)step->in.x[2],
	      (unsigned long)step->in.x[3], (unsigned long)step->in.x[4],
	      (unsigned long)pe->regs.x[0], pc_name(pe->regs.pc));
}

/*
 * Waiting, power and reset
 */

/* Nothing ends it, as what is pending then is not deliverable */
static void op_wfi(struct fuzz *f, unsigned int i, struct rng *r)
{
	if (!get_batch(f, i))
		return;

	model_step(f, draw_step(f, r, ENGINE_WFI), engine_after_wfi);
	trace(f, "vCPU %u: WFI\n", i);
	run_batch(f, OP_WFI);
}

static void op_cpu_off(struct fuzz *f, unsigned int i, struct rng *r)
{
	struct engine_step *step;
	void (*after)(void);
	int j, nr_on = 0;

	for (j = 0; j < NR_VCPUS; j++)
		nr_on += f->model.pe[j].on;
	if (nr_on == 1 || !get_batch(f, i))
		return;

	step = draw_call_step(f, r, &after);
	step->in.x[0] = arg32(r, FN_CPU_OFF);
	model_step(f, step, after);
	model_cpu_off(&f->model.pe[i]);
	trace(f, "vCPU %u: CPU_OFF\n", i);
	run_batch(f, OP_CPU_OFF);
	check_vcpu(f, i);
}

/* A vCPU that is as after a reset is to start the engine, with @x0 in x0 */
static void boot_vcpu(struct fuzz *f, unsigned int i, u64 sctlr, u64 x0)
{
	struct machine *mc = f->mc;
	struct model_pe *pe = &f->model.pe[i];
	struct kvm_vcpu *vcpu = cur_vcpu(f, i);
	int j;

	for (j = 0; j < ARRAY_SIZE(boot_sysreg); j++)
		vcpu_set_reg(vcpu, KVM_ARM64_SYS_REG(boot_sysreg[j]), mc->boot[i][j]);
	vcpu_set_reg(vcpu, KVM_ARM64_SYS_REG(SYS_SCTLR_EL1), sctlr);
	vcpu_set_reg(vcpu, KVM_ARM64_SYS_REG(SYS_TPIDRRO_EL0), (u64)programs[i]);
	vcpu_set_reg(vcpu, ARM64_CORE_REG(regs.sp), SP_EL0_VALUE);
	vcpu_set_reg(vcpu, ARM64_CORE_REG(sp_el1), cur_vm(f)->sp[i]);
	vcpu_set_reg(vcpu, ARM64_CORE_REG(elr_el1), 0);
	vcpu_set_reg(vcpu, ARM64_CORE_REG(spsr[0]), 0);
	vcpu_set_reg(vcpu, ARM64_CORE_REG(regs.pc), (u64)engine_start);

	memset(&pe->regs, 0, sizeof(pe->regs));
	pe->regs.x[0] = x0;
	pe->regs.pc = (u64)engine_start;
	pe->regs.pstate = RESET_PSTATE;
	pe->span = sctlr & SCTLR_SPAN;
	pe->dssbs = sctlr & SCTLR_DSSBS;
	f->io_pending[i] = false;
}

static u64 draw_sctlr(struct fuzz *f, struct rng *r)
{
	u64 bits = SCTLR_SPAN | (f->mc->has_pstate ? SCTLR_DSSBS : 0);

	return (f->mc->sctlr & ~bits) | (rnd(r) & bits);
}

static void op_cpu_on(struct fuzz *f, unsigned int i, struct rng *r)
{
	unsigned int t = rnd(r) % NR_VCPUS;
	struct engine_step *step;
	struct kvm_vcpu *target;
	void (*after)(void);
	u64 entry, x0;
	bool was_on;

	if (f->model.pe[t].on)
		t = (t + 1) % NR_VCPUS;
	if (!get_batch(f, i))
		return;

	was_on = f->model.pe[t].on;
	step = draw_call_step(f, r, &after);
	step->in.x[0] = arg32(r, FN_CPU_ON);
	step->in.x[1] = sdei_mpidr[t] & MODEL_AFFINITY;
	entry = step->in.x[2] &= ~3ULL;
	x0 = step->in.x[3];
	model_step(f, step, after);
	model_other_call(f, &f->model.pe[i], was_on ? PSCI_RET_ALREADY_ON : PSCI_RET_SUCCESS);
	expect_landing(f, &f->model.pe[i]);
	trace(f, "vCPU %u: CPU_ON(vCPU %u), which is %s\n", i, t, was_on ? "on" : "off");
	if (was_on)
		return;

	flush(f);
	if (f->failed)
		return;
	target = cur_vcpu(f, t);
	if (is_stopped(f, t) || get_pc(f, t) != entry ||
	    sdei_get_reg(target, ARM64_CORE_REG(regs.regs[0])) != x0)
		fail(f, "vCPU %u: is not powered on as asked for", t);
	model_reset(&f->model.pe[t]);
	check_vcpu(f, t);
	boot_vcpu(f, t, draw_sctlr(f, r), x0);
}

static void init_vcpu(struct fuzz *f, unsigned int i, u64 sctlr)
{
	struct sdei_vm *v = cur_vm(f);

	vcpu_ioctl(v->vcpu[i], KVM_ARM_VCPU_INIT, &v->init);
	boot_vcpu(f, i, sctlr, 0);
}

static void op_init(struct fuzz *f, unsigned int i, struct rng *r)
{
	flush(f);
	if (f->failed)
		return;
	complete_io(f, i);
	trace(f, "vCPU %u: KVM_ARM_VCPU_INIT\n", i);
	model_reset(&f->model.pe[i]);
	init_vcpu(f, i, draw_sctlr(f, r));
	check_vcpu(f, i);
}

/*
 * What the VMM does
 */

static void op_nmi(struct fuzz *f, unsigned int i, struct rng *r)
{
	struct model_pe *pe = &f->model.pe[i];
	unsigned int reg = MODEL_REG_STATE + MODEL_CRITICAL;

	flush(f);
	if (f->failed)
		return;
	if (one_in(r, 2))
		complete_io(f, i);
	poke_reg(f, i, reg, model_get_reg(&f->model, pe, reg) | MODEL_STATUS_PENDING);
	check_reg(f, i, reg);
	check_reg(f, i, rnd(r) % MODEL_NR_REGS);
}

static u64 draw_reg_val(struct rng *r, u64 old)
{
	switch (rnd(r) % 8) {
	case 0:
		return rnd(r) % 17;
	case 1:
		return old;
	case 2:
		return old ^ BIT_ULL(rnd(r) % 64);
	case 3:
		return rnd(r) & 0xffffffff;
	case 4:
		return rnd(r);
	default:
		return old ^ BIT_ULL(rnd(r) % 4);
	}
}

static unsigned int draw_reg(struct rng *r)
{
	unsigned int n = rnd(r) % 16;

	if (n < MODEL_REG_CONTEXT)
		return n;
	if (n < 12)
		return MODEL_REG_STATE + n % MODEL_NR_EVENTS;
	if (n < 14)
		return MODEL_REG_CONTEXT_PSTATE(n % MODEL_NR_EVENTS);
	return rnd(r) % MODEL_NR_REGS;
}

/* Let the guest go on from whatever state its events have now */
static void mend(struct fuzz *f, unsigned int i, struct rng *r)
{
	struct model_pe *pe = &f->model.pe[i];
	int prio;

	for (prio = 0; prio < MODEL_NR_EVENTS; prio++) {
		if (!engine_is_label(pe->event[prio].entry))
			poke_reg(f, i, MODEL_REG_ENTRY + prio, engine_entry(rnd(r)));
		if (!engine_is_label(pe->context[prio].pc))
			poke_reg(f, i, MODEL_REG_CONTEXT_PC(prio), engine_resume(rnd(r)));
		poke_reg(f, i, MODEL_REG_CONTEXT_PSTATE(prio), draw_pstate(f, r));
	}
}

static void op_poke(struct fuzz *f, unsigned int i, struct rng *r)
{
	struct model_pe *pe = &f->model.pe[i];
	unsigned int reg, n = 1 + rnd(r) % 4;
	int err;

	flush(f);
	if (f->failed)
		return;
	while (n--) {
		reg = draw_reg(r);
		/* Would not be what the other VM has */
		if (reg != MODEL_REG_VERSION || f->model.has_run)
			poke_reg(f, i, reg, draw_reg_val(r, model_get_reg(&f->model, pe, reg)));
		check_reg(f, i, reg);
	}
	if (one_in(r, 8))
		check_vcpu(f, i);

	if (pe->on && !model_can_run(pe)) {
		complete_io(f, i);
		do
			err = run_once(f, i);
		while (err == EINTR);
		trace(f, "vCPU %u: KVM_RUN: %s\n", i, strerror(EINVAL));
		if (err != EINVAL)
			fail(f, "vCPU %u: KVM_RUN: %s, not %s", i, strerror(err), strerror(EINVAL));
		check_states(f, i);
	}
	mend(f, i, r);
}

static void op_check(struct fuzz *f, unsigned int i, struct rng *r)
{
	flush(f);
	for (i = 0; i < NR_VCPUS && !f->failed; i++)
		check_vcpu(f, i);
}

/* All that a vCPU has which is not as after boot_vcpu() */
static void move_core_regs(struct kvm_vcpu *to, struct kvm_vcpu *from)
{
	static const u64 id[] = {
		ARM64_CORE_REG(regs.pc), ARM64_CORE_REG(regs.pstate),
		ARM64_CORE_REG(elr_el1), ARM64_CORE_REG(spsr[0]),
	};
	u64 x0 = ARM64_CORE_REG(regs.regs[0]);
	u64 size = ARM64_CORE_REG(regs.regs[1]) - x0;
	int i;

	for (i = 0; i < 31; i++)
		vcpu_set_reg(to, x0 + i * size, sdei_get_reg(from, x0 + i * size));
	for (i = 0; i < ARRAY_SIZE(id); i++)
		vcpu_set_reg(to, id[i], sdei_get_reg(from, id[i]));
}

static void move_sdei_regs(struct fuzz *f, unsigned int i, struct kvm_vcpu *from, struct rng *r)
{
	/* Each register once, as these have no divisor in common with 48 */
	static const unsigned int steps[] = { 1, 5, 7, 47 };
	unsigned int step = steps[rnd(r) % ARRAY_SIZE(steps)];
	unsigned int n, first = rnd(r) % MODEL_NR_REGS;

	for (n = 0; n < MODEL_NR_REGS; n++) {
		u64 id = reg_id((first + n * step) % MODEL_NR_REGS);
		u64 val = sdei_get_reg(from, id);
		int err = sdei_set_reg(cur_vcpu(f, i), id, val);

		if (err)
			fail(f, "vCPU %u: register %#x = %#lx in another VM: %s", i, (u16)id,
			     (unsigned long)val, strerror(err));
	}
}

/* Save all vCPUs and go on with those of the other VM */
static void op_move(struct fuzz *f, unsigned int i, struct rng *r)
{
	struct sdei_vm *from = cur_vm(f);
	u64 sctlr;

	flush(f);
	if (f->failed)
		return;
	trace(f, "moved to another VM\n");
	for (i = 0; i < NR_VCPUS; i++)
		complete_io(f, i);

	f->mc->cur = !f->mc->cur;
	f->model.has_run = f->mc->ran[f->mc->cur];
	for (i = 0; i < NR_VCPUS; i++) {
		struct model_regs regs = f->model.pe[i].regs;

		sctlr = sdei_get_reg(from->vcpu[i], KVM_ARM64_SYS_REG(SYS_SCTLR_EL1));
		/* Where it is off it is not reset any more */
		if (!f->model.pe[i].on)
			sctlr = f->mc->sctlr;
		init_vcpu(f, i, sctlr);
		f->model.pe[i].regs = regs;
		move_core_regs(cur_vcpu(f, i), from->vcpu[i]);
		move_sdei_regs(f, i, from->vcpu[i], r);
		if (!f->model.pe[i].on)
			sdei_set_mp_state(cur_vcpu(f, i), KVM_MP_STATE_STOPPED);
		check_vcpu(f, i);
	}
}

static void (* const op_fn[NR_OPS])(struct fuzz *f, unsigned int i, struct rng *r) = {
	[OP_CALL]	= op_call,
	[OP_NMI]	= op_nmi,
	[OP_POKE]	= op_poke,
	[OP_CHECK]	= op_check,
	[OP_WFI]	= op_wfi,
	[OP_CPU_OFF]	= op_cpu_off,
	[OP_CPU_ON]	= op_cpu_on,
	[OP_INIT]	= op_init,
	[OP_MOVE]	= op_move,
};

static void start_episode(struct fuzz *f, u64 seed)
{
	struct rng r = { ~seed };
	unsigned int i;

	model_init(&f->model, f->mc->version, f->mc->aarch32_el0);
	f->model.has_run = f->mc->ran[f->mc->cur];
	for (i = 0; i < NR_VCPUS; i++) {
		f->model.pe[i].mpidr = sdei_mpidr[i];
		init_vcpu(f, i, draw_sctlr(f, &r));
		check_vcpu(f, i);
	}
}

/* The op's vCPU, or one that is on for what only that can do */
static unsigned int op_vcpu(struct fuzz *f, const struct op *op)
{
	unsigned int i = op->vcpu;

	if (op->type == OP_CALL || op->type == OP_WFI || op->type == OP_CPU_ON) {
		while (!f->model.pe[i].on)
			i = (i + 1) % NR_VCPUS;
	}
	return i;
}

static bool run_episode(struct fuzz *f, const struct episode *e)
{
	unsigned int i;

	f->batch_vcpu = -1;
	f->op_index = 0;
	f->op = e->op;
	start_episode(f, e->seed);

	for (i = 0; i < e->nr && !f->failed; i++) {
		struct rng r = { e->op[i].seed };

		if (e->op[i].skip)
			continue;
		f->op = &e->op[i];
		f->op_index = i;
		if (f->op->type != OP_CALL)
			f->steps++;
		op_fn[f->op->type](f, op_vcpu(f, f->op), &r);
	}
	op_check(f, 0, NULL);

	/* The next one resets vCPUs, and KVM still finishes their last instruction */
	for (i = 0; i < NR_VCPUS; i++)
		complete_io(f, i);
	return !f->failed;
}

/*
 * VMs
 */

static u64 id_field(struct machine *mc, u32 reg, unsigned int shift)
{
	return sdei_get_reg(mc->v[0].vcpu[0], KVM_ARM64_SYS_REG(reg)) >> shift & 0xf;
}

/* Some of a VM's life can't be had again: make it depend on the seed */
static u64 seed_version(u64 seed)
{
	return seed / EPISODES_PER_VM % 4 ? MODEL_VERSION_1_1 : MODEL_VERSION_1_0;
}

static void create_vms(struct machine *mc, u64 seed)
{
	struct kvm_vcpu *vcpu;
	int i, j;

	set_ticks(0);
	memset(mc, 0, sizeof(*mc));
	mc->version = seed_version(seed);
	for (i = 0; i < NR_VMS; i++) {
		sdei_vm_create(&mc->v[i], false);
		vcpu_set_reg(mc->v[i].vcpu[0], KVM_REG_ARM_SDEI_VERSION, mc->version);
	}

	for (i = 0; i < NR_VCPUS; i++) {
		vcpu = mc->v[0].vcpu[i];
		vcpu_init_descriptor_tables(vcpu);
		for (j = 0; j < ARRAY_SIZE(boot_sysreg); j++)
			mc->boot[i][j] = sdei_get_reg(vcpu, KVM_ARM64_SYS_REG(boot_sysreg[j]));
	}
	vcpu = mc->v[0].vcpu[0];
	mc->sctlr = sdei_get_reg(vcpu, KVM_ARM64_SYS_REG(SYS_SCTLR_EL1));
	mc->psci_version = sdei_get_reg(vcpu, KVM_REG_ARM_PSCI_VERSION);
	mc->exit_addr = *(u64 *)addr_gva2hva(mc->v[0].vm, (u64)&ucall_exit_mmio_addr);
	mc->aarch32_el0 = id_field(mc, SYS_ID_AA64PFR0_EL1, 0) == 2;
	mc->has_pstate = id_field(mc, SYS_ID_AA64MMFR1_EL1, 20) &&	/* PAN */
			 id_field(mc, SYS_ID_AA64MMFR2_EL1, 4) &&	/* UAO */
			 id_field(mc, SYS_ID_AA64PFR0_EL1, 48) &&	/* DIT */
			 id_field(mc, SYS_ID_AA64PFR1_EL1, 4) >= 2;	/* SSBS */
	set_ticks(TICK_USEC);
}

static void free_vms(struct machine *mc)
{
	int i;

	for (i = 0; i < NR_VMS; i++)
		kvm_vm_free(mc->v[i].vm);
}

/*
 * Failures
 */

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* Run what is left of an episode in new VMs */
static bool fails(struct fuzz *f, struct episode *e, bool trace)
{
	struct machine mc;

	create_vms(&mc, e->seed);
	memset(f, 0, sizeof(*f));
	f->mc = &mc;
	f->hang_ticks = SHRINK_HANG_TICKS;
	f->trace = trace;
	run_episode(f, e);
	free_vms(&mc);
	return f->failed;
}

static unsigned int nr_left(const struct episode *e)
{
	unsigned int i, n = 0;

	for (i = 0; i < e->nr; i++)
		n += !e->op[i].skip;
	return n;
}

/* Leave @len ops from @first on out, if it fails without them as well */
static void try_without(struct fuzz *f, struct episode *e, struct episode *tmp,
			unsigned int first, unsigned int len)
{
	unsigned int i, n = 0;

	*tmp = *e;
	for (i = first; i < e->nr && i < first + len; i++) {
		n += !tmp->op[i].skip;
		tmp->op[i].skip = true;
	}
	if (!n || !fails(f, tmp, false))
		return;
	tmp->nr = f->failed_op + 1;
	*e = *tmp;
}

static void shrink(struct fuzz *f, struct episode *e)
{
	struct episode *tmp = malloc(sizeof(*tmp));
	double end = now() + SHRINK_SEC;
	unsigned int i, len;

	TEST_ASSERT(tmp, "malloc() failed");
	for (len = e->nr / 2; len; len /= 2) {
		for (i = 0; i < e->nr && now() < end; i += len)
			try_without(f, e, tmp, i, len);
	}
	free(tmp);
}

static void report(struct fuzz *f, struct episode *e, u64 steps)
{
	ksft_print_msg("FAILED at step %lu: %s\n", (unsigned long)steps, f->why);
	ksft_print_msg("seed %lu (-s %lu -n 1 to repeat), op %u\n", (unsigned long)e->seed,
		       (unsigned long)e->seed, f->failed_op);
	e->nr = f->failed_op + 1;
	if (!fails(f, e, false)) {
		ksft_print_msg("but not in new VMs\n");
		return;
	}
	shrink(f, e);
	ksft_print_msg("%u ops that fail:\n", nr_left(e));
	fails(f, e, true);
	ksft_print_msg("FAILED: %s\n", f->why);
}

static bool fuzz(u64 seed, u64 nr_steps, double seconds)
{
	struct episode *e = malloc(sizeof(*e));
	struct fuzz *f = calloc(1, sizeof(*f));
	double start = now();
	struct machine mc;
	u64 steps = 0, handlers = 0, nested = 0, s;
	bool passed;

	TEST_ASSERT(e && f, "malloc() failed");
	for (s = seed; steps < nr_steps && (!seconds || now() < start + seconds); s++) {
		if (s == seed || s % EPISODES_PER_VM == 0) {
			if (s != seed)
				free_vms(&mc);
			create_vms(&mc, s);
		}
		memset(f, 0, sizeof(*f));
		f->mc = &mc;
		f->hang_ticks = HANG_TICKS;
		draw_episode(e, s);
		run_episode(f, e);
		steps += f->steps;
		handlers += f->handlers;
		nested += f->nested;
		if (f->failed) {
			report(f, e, steps);
			break;
		}
	}
	ksft_print_msg("%lu steps in %.1f s, %lu handlers, %lu of them nested, seeds from %lu\n",
		       (unsigned long)steps, now() - start, (unsigned long)handlers,
		       (unsigned long)nested, (unsigned long)seed);
	free_vms(&mc);
	passed = !f->failed;
	free(f);
	free(e);
	return passed;
}

static void __noreturn help(const char *name, int code)
{
	printf("usage: %s [-h] [-s seed] [-n steps] [-t seconds]\n"
	       " -s: the seed of the first %u ops, by default 1\n"
	       " -n: how many steps to do at least, by default %u; no limit with -t\n"
	       " -t: for how long\n", name, EPISODE_OPS, DEFAULT_STEPS);
	exit(code);
}

int main(int argc, char *argv[])
{
	u64 seed = 1, steps = 0;
	double seconds = 0;
	int opt;

	while ((opt = getopt(argc, argv, "hs:n:t:")) != -1) {
		switch (opt) {
		case 's':
			seed = strtoull(optarg, NULL, 0);
			break;
		case 'n':
			steps = strtoull(optarg, NULL, 0);
			break;
		case 't':
			seconds = atoi_positive("seconds", optarg);
			break;
		default:
			help(argv[0], opt == 'h' ? 0 : 1);
		}
	}
	if (!steps)
		steps = seconds ? ~0ULL : DEFAULT_STEPS;

	setenv("NV", "0", 1);
	ksft_print_header();
	if (!sdei_regs_are_available() || !sdei_is_available())
		ksft_exit_skip("KVM has no SDEI\n");
	ksft_set_plan(1);

	ksft_test_result(fuzz(seed, steps, seconds), "Random steps, as the model does them\n");
	ksft_finished();
}
