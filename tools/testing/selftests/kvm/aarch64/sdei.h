/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the SDEI tests have in common: calls, an event handler that sees every
 * register, and a way to run tests in another process, so that one that fails
 * or hangs doesn't take the others with it.
 */
#ifndef SELFTEST_KVM_SDEI_H
#define SELFTEST_KVM_SDEI_H

#include <pthread.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <linux/arm_sdei.h>
#include <linux/compiler.h>
#include <linux/init.h>
#include <linux/psci.h>

#include "kvm_util.h"
#include "processor.h"
#include "test_util.h"
#include "vgic.h"

/* Needs the types of the others */
#include "gic.h"
#include "sdei_asm.h"

#ifndef SDEI_MAX_VCPUS
#define SDEI_MAX_VCPUS		3
#endif
#define SDEI_TIMEOUT_SEC	120

/* KVM's critical event, and numbers of no event */
#define SDEI_EVENT_NMI		0x40000000
#define SDEI_EVENT_UNKNOWN	0x10000

#define SDEI_EVENT_REGISTERED	BIT(SDEI_EVENT_STATUS_REGISTERED)
#define SDEI_EVENT_ENABLED	BIT(SDEI_EVENT_STATUS_ENABLED)
#define SDEI_EVENT_RUNNING	BIT(SDEI_EVENT_STATUS_RUNNING)

#define SDEI_NR_CONTEXT_REGS	18

/* For the guest's variables: each test finds them zeroed */
#define __sdei_guest		__section("sdei_guest")
extern char __start_sdei_guest[], __stop_sdei_guest[];

/* Guest-physical and -virtual: code for EL0, code for a CPU with the MMU off */
#define SDEI_USER_PAGE		0x40000000
#define SDEI_BOOT_PAGE		0x40010000
#define SDEI_BOOT_OFFSET	0x800

/* Not in the UAPI header */
#define PSTATE_IL		BIT(20)
#define PSTATE_SS		BIT(21)
#define PSTATE_DAIF		(PSR_D_BIT | PSR_A_BIT | PSR_I_BIT | PSR_F_BIT)
#define PSTATE_NZCV		(PSR_N_BIT | PSR_Z_BIT | PSR_C_BIT | PSR_V_BIT)

/* GUEST_SYNC() with this: the vCPU lacks what the test needs */
#define SDEI_SYNC_SKIP		0x534b4950

struct sdei_vm;

struct sdei_test {
	const char	*name;
	/* What each vCPU runs, the test is over when all are done */
	void		(*guest[SDEI_MAX_VCPUS])(void);
	/* What the VMM does, if not to run all vCPUs */
	void		(*host)(struct sdei_vm *v);
	const void	*data;
	/* The vCPUs that call with SMC, the others use HVC */
	bool		smc[SDEI_MAX_VCPUS];
	/* Not in a VM that is used again, with vCPUs that are reset */
	bool		own_vm;
	bool		mte;
	unsigned int	timeout;	/* in seconds, 0: SDEI_TIMEOUT_SEC */
};

struct sdei_vm {
	struct kvm_vm		*vm;
	struct kvm_vcpu		*vcpu[SDEI_MAX_VCPUS];
	u64			sp[SDEI_MAX_VCPUS];
	struct kvm_vcpu_init	init;
	const struct sdei_test	*test;
	void			*user_page;
	void			*boot_page;
	bool			has_gic;
};

/* The guest's own copies, set by the VMM before the VM runs */
static const struct sdei_test *sdei_test;
static u64 sdei_mpidr[SDEI_MAX_VCPUS];
static struct sdei_handler sdei_handler[SDEI_MAX_VCPUS] __sdei_guest __aligned(16);

static inline bool sdei_smc(void)
{
	return sdei_test->smc[guest_get_vcpuid()];
}

static inline u64 sdei_call(u64 fn, const u64 *arg)
{
	return sdei_smc() ? sdei_call_smc(fn, arg) : sdei_call_hvc(fn, arg);
}

/* sdei(EVENT_STATUS, 0) and the like; PSCI calls take the same way */
#define sdei(_fn, ...)							\
	sdei_call(SDEI_1_0_FN_SDEI_##_fn, (const u64[5]) { __VA_ARGS__ })
#define psci(_fn, ...)							\
	sdei_call(PSCI_##_fn, (const u64[5]) { __VA_ARGS__ })

#define GUEST_EXPECT(_call, _ret)					\
do {									\
	s64 __exp = (_ret), __ret = (_call);				\
									\
	__GUEST_ASSERT(__ret == __exp, "%s: %ld, not %ld",		\
		       #_call, __ret, __exp);				\
} while (0)

static inline struct sdei_handler *sdei_this_handler(void)
{
	return &sdei_handler[guest_get_vcpuid()];
}

void sdei_dispatch(struct sdei_handler *h)
{
	h->exit_fn = SDEI_1_0_FN_SDEI_EVENT_COMPLETE;
	h->exit_arg = SDEI_EV_HANDLED;
	h->smc = sdei_smc();
	WRITE_ONCE(h->runs, h->runs + 1);
	if (h->fn)
		h->fn(h);
}

void sdei_exit_refused(struct sdei_handler *h, u64 ret)
{
	GUEST_FAIL("Handler left with %#lx: %ld", h->exit_fn, (s64)ret);
	for (;;)
		;
}

/* Leave the handler with SDEI_EVENT_COMPLETE_AND_RESUME */
static inline void sdei_resume_at(struct sdei_handler *h, u64 addr)
{
	h->exit_fn = SDEI_1_0_FN_SDEI_EVENT_COMPLETE_AND_RESUME;
	h->exit_arg = addr;
}

static inline void sdei_register(void)
{
	GUEST_EXPECT(sdei(EVENT_REGISTER, SDEI_EVENT_SW_SIGNALED, (u64)sdei_entry,
			  (u64)sdei_this_handler()), SDEI_SUCCESS);
}

static inline void sdei_register_nmi(void)
{
	GUEST_EXPECT(sdei(EVENT_REGISTER, SDEI_EVENT_NMI, (u64)sdei_entry,
			  (u64)sdei_this_handler()), SDEI_SUCCESS);
	GUEST_EXPECT(sdei(EVENT_ENABLE, SDEI_EVENT_NMI), SDEI_SUCCESS);
}

/* Have @fn handle event 0 on this vCPU, and unmask */
static inline void sdei_setup(void (*fn)(struct sdei_handler *h))
{
	sdei_this_handler()->fn = fn;
	sdei_register();
	GUEST_EXPECT(sdei(EVENT_ENABLE, SDEI_EVENT_SW_SIGNALED), SDEI_SUCCESS);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
}

static inline u64 sdei_signal(unsigned int vcpu)
{
	return sdei(EVENT_SIGNAL, SDEI_EVENT_SW_SIGNALED, sdei_mpidr[vcpu]);
}

static inline u64 sdei_signal_self(void)
{
	return sdei_signal(guest_get_vcpuid());
}

#define sdei_wait_until(_cond)						\
do {									\
	while (!(_cond))						\
		cpu_relax();						\
	dmb(ish);							\
} while (0)

/* Long enough for what must not happen to happen */
static inline void sdei_delay(void)
{
	u64 end = read_sysreg(cntvct_el0) + read_sysreg(cntfrq_el0) / 500;

	while (read_sysreg(cntvct_el0) < end)
		cpu_relax();
}

static inline void sdei_skip(const char *why)
{
	GUEST_PRINTF("%s\n", why);
	GUEST_SYNC(SDEI_SYNC_SKIP);
}

static inline void __noreturn sdei_exit(int code)
{
	fflush(stdout);
	_exit(code);
}

/* Run a vCPU up to its next ucall or system event. A failure ends the test. */
static inline u64 sdei_vcpu_run(struct kvm_vcpu *vcpu, struct ucall *uc)
{
	for (;;) {
		vcpu_run(vcpu);

		switch (get_ucall(vcpu, uc)) {
		case UCALL_ABORT:
			ksft_print_msg("vCPU %u, %s:%lu: %s\n", vcpu->id,
				       (const char *)uc->args[GUEST_FILE],
				       (unsigned long)uc->args[GUEST_LINE],
				       uc->buffer);
			sdei_exit(KSFT_FAIL);
		case UCALL_PRINTF:
			ksft_print_msg("%s", uc->buffer);
			break;
		case UCALL_SYNC:
			if (uc->args[1] == SDEI_SYNC_SKIP)
				sdei_exit(KSFT_SKIP);
			return UCALL_SYNC;
		case UCALL_DONE:
			return UCALL_DONE;
		default:
			TEST_ASSERT(vcpu->run->exit_reason == KVM_EXIT_SYSTEM_EVENT,
				    "vCPU %u: unexpected exit %u", vcpu->id,
				    vcpu->run->exit_reason);
			return UCALL_NONE;
		}
	}
}

static inline void sdei_run_to(struct kvm_vcpu *vcpu, u64 cmd)
{
	struct ucall uc;
	u64 got = sdei_vcpu_run(vcpu, &uc);

	TEST_ASSERT(got == cmd, "vCPU %u: ucall %lu, not %lu", vcpu->id,
		    (unsigned long)got, (unsigned long)cmd);
}

static inline void *sdei_vcpu_thread(void *vcpu)
{
	sdei_run_to(vcpu, UCALL_DONE);
	return NULL;
}

static inline pthread_t sdei_start_vcpu(struct kvm_vcpu *vcpu)
{
	pthread_t thread;

	TEST_ASSERT(!pthread_create(&thread, NULL, sdei_vcpu_thread, vcpu),
		    "pthread_create() failed");
	return thread;
}

/* Run all vCPUs at the same time until all are done */
static inline void sdei_run(struct sdei_vm *v)
{
	pthread_t thread[SDEI_MAX_VCPUS];
	int i;

	for (i = 0; i < SDEI_MAX_VCPUS && v->test->guest[i]; i++)
		thread[i] = sdei_start_vcpu(v->vcpu[i]);
	while (i--)
		pthread_join(thread[i], NULL);
}

/* Run one vCPU after the other until all are done */
static inline void sdei_run_in_turn(struct sdei_vm *v)
{
	int i;

	for (i = 0; i < SDEI_MAX_VCPUS && v->test->guest[i]; i++)
		sdei_run_to(v->vcpu[i], UCALL_DONE);
}

static inline u64 sdei_get_reg(struct kvm_vcpu *vcpu, u64 id)
{
	u64 val;
	int ret = __vcpu_get_reg(vcpu, id, &val);

	TEST_ASSERT(!ret, KVM_IOCTL_ERROR(KVM_GET_ONE_REG, ret));
	return val;
}

static inline void sdei_set_mp_state(struct kvm_vcpu *vcpu, u32 state)
{
	struct kvm_mp_state mp_state = { .mp_state = state };

	vcpu_mp_state_set(vcpu, &mp_state);
}

/* A page at the same address with the MMU off and on, slot and @gpa its own */
static inline void *sdei_map_page(struct sdei_vm *v, u64 gpa, u32 slot)
{
	u64 npages = vm_calc_num_guest_pages(v->vm->mode, getpagesize());

	vm_userspace_mem_region_add(v->vm, VM_MEM_SRC_ANONYMOUS, gpa, slot, npages, 0);
	virt_map(v->vm, gpa, gpa, npages);
	return addr_gpa2hva(v->vm, gpa);
}

/* A page to run code at EL0 from */
static inline void *sdei_map_user_page(struct sdei_vm *v)
{
	if (!v->user_page) {
		v->user_page = sdei_map_page(v, SDEI_USER_PAGE, 1);
		/* AP[2:1]: read-only, at EL0 as well */
		*virt_get_pte_hva(v->vm, SDEI_USER_PAGE) |= BIT(7) | BIT(6);
	}
	return v->user_page;
}

/* Only libraries that give each VM a vGIC have this, to be called at the end */
#pragma weak kvm_arch_vm_finalize_vcpus
void kvm_arch_vm_finalize_vcpus(struct kvm_vm *vm);

static inline void sdei_vm_add_vcpus(struct sdei_vm *v)
{
	int i, gic;

	/* The client is an EL1, whatever vCPUs have by default */
	vm_ioctl(v->vm, KVM_ARM_PREFERRED_TARGET, &v->init);
	v->init.features[0] |= BIT(KVM_ARM_VCPU_PSCI_0_2);

	for (i = 0; i < SDEI_MAX_VCPUS; i++) {
		v->vcpu[i] = aarch64_vcpu_add(v->vm, i, &v->init, sdei_entry);
		v->sp[i] = sdei_get_reg(v->vcpu[i], ARM64_CORE_REG(sp_el1));
		sdei_mpidr[i] = sdei_get_reg(v->vcpu[i],
					     KVM_ARM64_SYS_REG(SYS_MPIDR_EL1));
	}
	vm_init_descriptor_tables(v->vm);
	sync_global_to_guest(v->vm, sdei_mpidr);

	gic = vgic_v3_setup(v->vm, SDEI_MAX_VCPUS, 64);
	v->has_gic = gic >= 0;
	if (v->has_gic) {
		/* The GIC stays, and the file would keep the VM when it is freed */
		close(gic);
	} else if (errno == EEXIST) {
		v->has_gic = true;
		if (kvm_arch_vm_finalize_vcpus)
			kvm_arch_vm_finalize_vcpus(v->vm);
	}
}

static inline void sdei_vm_create(struct sdei_vm *v, bool mte)
{
	v->vm = vm_create(SDEI_MAX_VCPUS);
	if (mte)
		vm_enable_cap(v->vm, KVM_CAP_ARM_MTE, 0);
	sdei_vm_add_vcpus(v);
}

/* Reset a vCPU, as a VMM does when it resets its VM, to run @guest */
static inline void sdei_vcpu_reset(struct sdei_vm *v, unsigned int i, void (*guest)(void))
{
	aarch64_vcpu_setup(v->vcpu[i], &v->init);
	vcpu_init_descriptor_tables(v->vcpu[i]);
	vcpu_set_reg(v->vcpu[i], ARM64_CORE_REG(sp_el1), v->sp[i]);
	vcpu_set_reg(v->vcpu[i], ARM64_CORE_REG(regs.pc), (u64)guest);
	sdei_set_mp_state(v->vcpu[i], guest ? KVM_MP_STATE_RUNNABLE : KVM_MP_STATE_STOPPED);
}

static inline void sdei_vm_run(struct sdei_vm *v, const struct sdei_test *test)
{
	int i;

	v->test = test;
	sdei_test = test;
	memset(addr_gva2hva(v->vm, (u64)__start_sdei_guest), 0,
	       __stop_sdei_guest - __start_sdei_guest);
	sync_global_to_guest(v->vm, sdei_test);
	for (i = 0; i < SDEI_MAX_VCPUS; i++)
		sdei_vcpu_reset(v, i, test->guest[i]);

	if (test->host)
		test->host(v);
	else
		sdei_run(v);
}

/*
 * Run tests as long as they pass and can share a VM. Report that by the socket, and go on
 * when the result is printed: what the next test prints is not to get into that line.
 */
static inline void __noreturn sdei_child(const struct sdei_test *test,
					 const struct sdei_test *end, int fd)
{
	struct sdei_vm v = {};
	char c;

	if (test->mte && !kvm_has_cap(KVM_CAP_ARM_MTE)) {
		ksft_print_msg("no MTE\n");
		sdei_exit(KSFT_SKIP);
	}
	sdei_vm_create(&v, test->mte);

	do {
		/* A hang ends in SIGALRM */
		alarm(test->timeout ?: SDEI_TIMEOUT_SEC);
		sdei_vm_run(&v, test);
		fflush(stdout);
		TEST_ASSERT(write(fd, "", 1) == 1 && read(fd, &c, 1) == 1,
			    "write() or read() failed");
	} while (!test->own_vm && ++test < end && !test->own_vm);

	sdei_exit(KSFT_PASS);
}

/* Start a child, return the first test that it did not come to */
static inline const struct sdei_test *sdei_run_tests(const struct sdei_test *test,
						     const struct sdei_test *end)
{
	int fd[2], status;
	pid_t pid;
	char c;

	TEST_ASSERT(!socketpair(AF_UNIX, SOCK_STREAM, 0, fd), "socketpair() failed");
	fflush(stdout);
	pid = fork();
	TEST_ASSERT(pid >= 0, "fork() failed");
	if (!pid)
		sdei_child(test, end, fd[1]);

	close(fd[1]);
	while (test < end && read(fd[0], &c, 1) == 1) {
		ksft_test_result_pass("%s\n", test->name);
		test++;
		TEST_ASSERT(send(fd[0], "", 1, MSG_NOSIGNAL) == 1, "send() failed");
	}
	close(fd[0]);
	TEST_ASSERT(waitpid(pid, &status, 0) == pid, "waitpid() failed");

	if (WIFEXITED(status) && WEXITSTATUS(status) == KSFT_PASS)
		return test;

	if (WIFEXITED(status) && WEXITSTATUS(status) == KSFT_SKIP) {
		ksft_test_result_skip("%s\n", test->name);
		return test + 1;
	}

	if (WIFSIGNALED(status))
		ksft_print_msg("%s\n", WTERMSIG(status) == SIGALRM ?
			       "timed out" : strsignal(WTERMSIG(status)));
	ksft_test_result_fail("%s\n", test->name);
	return test + 1;
}

/* Whether the feature bit can be set: in a new VM all that KVM has are */
static inline bool sdei_is_available(void)
{
	struct kvm_vcpu *vcpu;
	struct kvm_vm *vm = vm_create_with_vcpus(1, sdei_entry, &vcpu);
	u64 bmap = sdei_get_reg(vcpu, KVM_REG_ARM_STD_BMAP);
	bool ret = !__vcpu_set_reg(vcpu, KVM_REG_ARM_STD_BMAP,
				   bmap | BIT(KVM_REG_ARM_STD_BIT_SDEI));

	kvm_vm_free(vm);
	return ret;
}

/* Where SDEI_REQUIRED is set, KVM must have it */
static inline void __noreturn sdei_missing(const char *why)
{
	if (getenv("SDEI_REQUIRED"))
		ksft_exit_fail_msg("%s\n", why);
	ksft_exit_skip("%s\n", why);
}

static inline int sdei_main(const struct sdei_test *tests, unsigned int nr)
{
	const struct sdei_test *test = tests;

	/* No EL2 for the guest */
	setenv("NV", "0", 1);

	ksft_print_header();
	if (!sdei_is_available())
		sdei_missing("KVM has no SDEI");

	ksft_set_plan(nr);
	while (test < tests + nr)
		test = sdei_run_tests(test, tests + nr);

	ksft_finished();
}

#endif /* SELFTEST_KVM_SDEI_H */
