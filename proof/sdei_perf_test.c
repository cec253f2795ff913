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

#include "sdei_perf_vmm.h"

/* All that a VMM saves for SDEI */
#define NR_SDEI_REGS		(2 + 3 * NR_EVENTS + 2 * NR_CTX_REGS)

static int max_vcpus = SDEI_MAX_VCPUS;

/*
 * A vCPU that signals has priority over those that spin, where there are not enough
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
	if (__vcpu_ioctl(v->cpu[0].vcpu, KVM_NMI, NULL))
		TEST_FAIL("KVM_NMI: %s", strerror(errno));
}

/* An edge */
static void raise_irq(struct perf_vm *v)
{
	if (_kvm_arm_irq_line(v->vm, SPI_VMM, 1))
		TEST_FAIL("KVM_IRQ_LINE: %s", strerror(errno));
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

	if (!v->vm->arch.has_gic)
		ksft_exit_skip("no vGICv3\n");
	kvm_arch_vm_finalize_vcpus(v->vm);
	setup_vm(v);
}

static double measure(const struct perf *row)
{
	static const struct sdei_test no_smc;
	struct perf_vm v = { .perf = row, .nr_vcpus = row->nr_vcpus ?: 1 };
	double ticks;

	/* A hang ends in SIGALRM */
	alarm(8 * 60 + nr_iterations);
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
	has_sdei = sdei_is_available();

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
