// SPDX-License-Identifier: GPL-2.0-only
/*
 * Compare KVM's SDEI with a model of it (sdei_model.h) in random steps.
 * One seed decides on what three vCPUs and their VMM do: calls with HVC and SMC in any
 * state and with any arguments, from handlers and outside of them; signals to each other;
 * handlers that complete, resume elsewhere or do neither; WFI, CPU_OFF, CPU_ON and
 * KVM_ARM_VCPU_INIT; vCPUs that the VMM stops; the operator's NMI; pseudo-registers that
 * are written with anything, and all of them moved to another VM. Some VMs have SDEI
 * turned off.
 *
 * Of PSTATE the model says what KVM's code says, too. So the guest also takes exceptions:
 * what the CPU makes of mode, DAIF, PAN, UAO and SSBS must be what the model has for a
 * handler.
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
#include <time.h>

#include "sdei_fuzz_ops.h"

#define EPISODES_PER_VM		32
#define DEFAULT_STEPS		100000
/* A VM without SDEI has little to show */
#define NO_SDEI_OPS		(EPISODE_OPS / 16)
#define SHRINK_SEC		60

/* What the VMM wrote before stays there, and does nothing */
static void turn_sdei_off(struct fuzz *f, struct rng *r)
{
	struct kvm_vcpu *vcpu = cur_vcpu(f, 0);
	u64 bmap = vcpu_get_reg(vcpu, KVM_REG_ARM_STD_BMAP);
	unsigned int i;

	for (i = 0; i < NR_VCPUS; i++) {
		poke_regs(f, i, r);
		poke_reg(f, i, MODEL_REG_PE_STATE, 0);
		poke_reg(f, i, MODEL_REG_STATE + rnd(r) % MODEL_NR_EVENTS, 11);
	}
	vcpu_set_reg(vcpu, KVM_REG_ARM_STD_BMAP, bmap & ~BIT(KVM_REG_ARM_STD_BIT_SDEI));
}

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

	if (!f->mc->no_sdei)
		return;
	if (!f->model.has_run)
		turn_sdei_off(f, &r);
	for (i = 0; i < NR_VCPUS; i++) {
		f->model.pe[i].no_sdei = true;
		check_vcpu(f, i);
	}
}

/* The op's vCPU, or one that is on, or off, for what only that can do */
static unsigned int op_vcpu(struct fuzz *f, const struct op *op)
{
	unsigned int n, i = op->vcpu;

	switch (op->type) {
	case OP_CALL:
	case OP_SVC:
	case OP_WFI:
	case OP_CPU_ON:
		while (!f->model.pe[i].on)
			i = (i + 1) % NR_VCPUS;
		break;
	case OP_START:
		for (n = 0; n < NR_VCPUS && f->model.pe[i].on; n++)
			i = (i + 1) % NR_VCPUS;
		break;
	default:
		break;
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
	return vcpu_get_reg(mc->v[0].vcpu[0], KVM_ARM64_SYS_REG(reg)) >> shift & 0xf;
}

/* Some of a VM's life can't be had again: make it depend on the seed */
static u64 seed_version(u64 seed)
{
	return seed / EPISODES_PER_VM % 4 ? MODEL_VERSION_1_1 : MODEL_VERSION_1_0;
}

static bool seed_has_sdei(u64 seed)
{
	return seed / EPISODES_PER_VM % 8 != 3;
}

static void create_vms(struct machine *mc, u64 seed)
{
	struct kvm_vcpu *vcpu;
	int i, j;

	set_ticks(0);
	memset(mc, 0, sizeof(*mc));
	mc->version = seed_version(seed);
	mc->no_sdei = !seed_has_sdei(seed);
	for (i = 0; i < NR_VMS; i++) {
		sdei_vm_create(&mc->v[i], NR_VCPUS);
		vcpu_set_reg(mc->v[i].vcpu[0], KVM_REG_ARM_SDEI_VERSION, mc->version);
		if (MODEL_ASYNC_PF)
			vcpu_set_reg(mc->v[i].vcpu[0], KVM_REG_ARM_VENDOR_HYP_BMAP_2, BIT(2));
	}

	for (i = 0; i < NR_VCPUS; i++) {
		vcpu = mc->v[0].vcpu[i];
		for (j = 0; j < ARRAY_SIZE(boot_sysreg); j++)
			mc->boot[i][j] = vcpu_get_reg(vcpu, KVM_ARM64_SYS_REG(boot_sysreg[j]));
	}
	vcpu = mc->v[0].vcpu[0];
	mc->sctlr = vcpu_get_reg(vcpu, KVM_ARM64_SYS_REG(SYS_SCTLR_EL1));
	mc->psci_version = vcpu_get_reg(vcpu, KVM_REG_ARM_PSCI_VERSION);
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
		draw_episode(e, s, mc.no_sdei ? NO_SDEI_OPS : EPISODE_OPS);
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
	if (!sdei_is_available())
		sdei_missing("KVM has no SDEI");
	ksft_set_plan(1);

	ksft_test_result(fuzz(seed, steps, seconds), "Random steps, as the model does them\n");
	ksft_finished();
}
