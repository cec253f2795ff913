/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SDEI (Arm DEN0054C): calls, an event handler that sees every register, and
 * tests that have a process and a VM each.
 */
#ifndef SELFTEST_KVM_SDEI_H
#define SELFTEST_KVM_SDEI_H

/* What sdei_guest.S knows of the structures below */
#define SDEI_REGS_SP		0xf8
#define SDEI_REGS_SYSREGS	0x100	/* SP_EL0, ELR, SPSR, ESR, FAR */
#define SDEI_REGS_PSTATE	0x128	/* NZCV, DAIF, SPSel, CurrentEL */
#define SDEI_REGS_Q		0x150
#define SDEI_REGS_SIZE		0x350
#define SDEI_HANDLER_EXIT	SDEI_REGS_SIZE
#define SDEI_HANDLER_STACK_END	(SDEI_REGS_SIZE + 0x2030)
#define SDEI_PROBE_OUT		SDEI_REGS_SIZE
#define SDEI_PROBE_SAVED	(2 * SDEI_REGS_SIZE)

#ifndef __ASSEMBLER__

#include <linux/arm_sdei.h>
#include <linux/compiler.h>
#include <linux/psci.h>

#include "kvm_util.h"
#include "processor.h"
#include "test_util.h"

#define SDEI_MAX_VCPUS		8

/* Event 0, by its number and as the registers count it; the number of no event */
#define EV			SDEI_EVENT_SW_SIGNALED
#define SDEI_EVENT_UNKNOWN	0x10000

/* What SDEI_EVENT_STATUS returns */
#define ST_REGISTERED		BIT(SDEI_EVENT_STATUS_REGISTERED)
#define ST_ENABLED		(ST_REGISTERED | BIT(SDEI_EVENT_STATUS_ENABLED))
#define ST_RUNNING		BIT(SDEI_EVENT_STATUS_RUNNING)

#define SDEI_NR_CONTEXT_REGS	18

/* Guest-physical and -virtual: code for EL0, A64 and A32 (nop; nop; b .), and MMIO */
#define SDEI_USER_PAGE		0x40000000UL
#define SDEI_USER_A64		SDEI_USER_PAGE
#define SDEI_USER_A32		(SDEI_USER_PAGE + 0x80)
#define SDEI_MMIO_PAGE		0x50000000UL

/* Not in the UAPI header */
#define PSTATE_IL		BIT(20)
#define PSTATE_SS		BIT(21)
#define PSTATE_DAIF		(PSR_D_BIT | PSR_A_BIT | PSR_I_BIT | PSR_F_BIT)
#define PSTATE_NZCV		(PSR_N_BIT | PSR_Z_BIT | PSR_C_BIT | PSR_V_BIT)

/* The library's exception vectors */
extern char vectors;

/* All that can be seen of a PE's state */
struct sdei_regs {
	u64	x[31];
	u64	sp;
	u64	sp_el0;
	u64	elr;
	u64	spsr;
	u64	esr;
	u64	far;
	u64	nzcv;
	u64	daif;
	u64	spsel;
	u64	current_el;
	u64	reserved;
	u64	q[64];
};

/*
 * An event handler, given to SDEI_EVENT_REGISTER as the event's argument. It
 * has its own stack: the interrupted SP is not necessarily one.
 */
struct sdei_handler {
	struct sdei_regs	regs;		/* at entry */
	u64			exit_fn;	/* how to leave */
	u64			exit_arg;
	u64			smc;
	u64			runs;
	void			(*fn)(struct sdei_handler *h);
	u64			reserved;
	u64			stack[1024];
} __aligned(16);

/* The registers that sdei_probe() loads, and those that sdei_probe_end() finds */
struct sdei_probe {
	struct sdei_regs	in;
	struct sdei_regs	out;
	u64			saved[14];
} __aligned(16);

/* Three calls by sdei_window(): no handler may start between the first and the last */
struct sdei_window {
	u64	call[3][4];	/* x0, x1, of the second x2, x3 as well */
	u64	ret[3];
	u64	spins;		/* after the first */
};

kvm_static_assert(offsetof(struct sdei_regs, sp) == SDEI_REGS_SP);
kvm_static_assert(offsetof(struct sdei_regs, sp_el0) == SDEI_REGS_SYSREGS);
kvm_static_assert(offsetof(struct sdei_regs, nzcv) == SDEI_REGS_PSTATE);
kvm_static_assert(offsetof(struct sdei_regs, q) == SDEI_REGS_Q);
kvm_static_assert(sizeof(struct sdei_regs) == SDEI_REGS_SIZE);
kvm_static_assert(sizeof(struct sdei_handler) == SDEI_HANDLER_STACK_END);
kvm_static_assert(offsetof(struct sdei_probe, saved) == SDEI_PROBE_SAVED);

/* Entry points of the handler. They can be told apart by regs.x[2]: the second sets it. */
void sdei_entry(void);
void sdei_entry2(void);
/* A call from code that keeps all registers, to leave a handler with */
void sdei_stub_hvc(void);
/* Load all of @probe->in, and do the @point's instruction, at which an event comes */
void sdei_probe(struct sdei_probe *probe, void (*point)(void));
void sdei_probe_end(void);
void sdei_point_hvc(void);
void sdei_point_smc(void);
void sdei_point_spin(void);
void sdei_point_wfi(void);
void sdei_point_wfe(void);
void sdei_point_eret(void);
extern char sdei_after_hvc[], sdei_after_smc[], sdei_spin[], sdei_wfi[], sdei_wfe[];
extern char sdei_eret_spin[], sdei_eret_vectors[];
void sdei_window(struct sdei_window *window);
extern char sdei_window_closed[], sdei_window_open[];

struct sdei_vm;

struct sdei_test {
	const char	*name;
	/* What each vCPU runs: one whose function returns is done */
	void		(*guest[SDEI_MAX_VCPUS])(void);
	/* What the VMM does, if not to run all vCPUs until all are done */
	void		(*host)(struct sdei_vm *v);
	const void	*data;
	/* The vCPUs that call with SMC, the others use HVC */
	bool		smc[SDEI_MAX_VCPUS];
	bool		mte;
	unsigned int	timeout;	/* in seconds */
};

#define SDEI_TEST(_name, _host, ...)					\
	{ .name = _name, .host = _host, .guest = { __VA_ARGS__ } }
#define SDEI_TEST_DATA(_name, _data, _host, ...)			\
	{ .name = _name, .data = _data, .host = _host, .guest = { __VA_ARGS__ } }
/* Two PEs with the same guest, one after the other: by HVC, and by SMC */
#define SDEI_TEST_BOTH(_name, _data, _guest)				\
	{								\
		.name = _name, .data = _data, .host = sdei_run_in_turn,	\
		.guest = { [0 ... 1] = _guest }, .smc = { false, true },	\
	}

struct sdei_vm {
	struct kvm_vm		*vm;
	struct kvm_vcpu		*vcpu[SDEI_MAX_VCPUS];
	unsigned int		nr_vcpus;
	u64			sp[SDEI_MAX_VCPUS];
	const struct sdei_test	*test;
};

/* The guest's own copies, set by the VMM before the VM runs */
extern const struct sdei_test *sdei_test;
extern u64 sdei_mpidr[SDEI_MAX_VCPUS];
extern struct sdei_handler sdei_handler[SDEI_MAX_VCPUS];

/* In the guest */

u64 sdei_call(u64 fn, const u64 *arg);

/* sdei(EVENT_STATUS, EV) and the like; PSCI calls take the same way */
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

#define sdei_wait_until(_cond)						\
do {									\
	while (!(_cond))						\
		cpu_relax();						\
	dmb(ish);							\
} while (0)

void sdei_register(u64 event, struct sdei_handler *h, void (*fn)(struct sdei_handler *h));
void sdei_setup(void (*fn)(struct sdei_handler *h));
void sdei_resume_at(struct sdei_handler *h, u64 addr);
void sdei_skip(const char *why);
void sdei_need_aarch32(u64 pstate);
void sdei_gic_init(void);
void sdei_probe_fill(struct sdei_probe *probe);
void sdei_probe_signal(struct sdei_probe *probe, void (*point)(void));
void sdei_check_x(const struct sdei_regs *regs, const struct sdei_regs *exp,
		  unsigned int first, unsigned int nr);
void sdei_check_regs(const struct sdei_regs *regs, const struct sdei_regs *exp);
void sdei_check_context(const struct sdei_regs *exp, unsigned int first);
void sdei_wfi_until_timer(void);
void sdei_signaller(void);

static inline bool sdei_smc(void)
{
	return sdei_test->smc[guest_get_vcpuid()];
}

static inline struct sdei_handler *sdei_this_handler(void)
{
	return &sdei_handler[guest_get_vcpuid()];
}

static inline u64 sdei_runs(unsigned int vcpu)
{
	return READ_ONCE(sdei_handler[vcpu].runs);
}

static inline u64 sdei_own_runs(void)
{
	return sdei_runs(guest_get_vcpuid());
}

static inline u64 sdei_signal(unsigned int vcpu)
{
	return sdei(EVENT_SIGNAL, EV, sdei_mpidr[vcpu]);
}

static inline void sdei_signal_self(void)
{
	GUEST_EXPECT(sdei_signal(guest_get_vcpuid()), SDEI_SUCCESS);
}

/* What can be delivered is, on the way back from any call */
static inline void sdei_any_call(void)
{
	sdei(VERSION);
}

/* In the VMM */

void sdei_vm_create(struct sdei_vm *v, unsigned int nr_vcpus);
void sdei_vm_add_vcpus(struct sdei_vm *v, unsigned int nr_vcpus);
void sdei_vm_run(struct sdei_vm *v, const struct sdei_test *test);
void sdei_vcpu_enter(struct kvm_vcpu *vcpu, void (*guest)(void));
void sdei_vcpu_reset(struct sdei_vm *v, unsigned int i, void (*guest)(void));
struct kvm_vcpu *sdei_add_bare_vcpu(u32 features);
struct kvm_vcpu *sdei_add_aarch32_vcpu(void);
void sdei_turn_off(struct kvm_vcpu *vcpu);
void __noreturn sdei_skip_test(const char *why);

u64 sdei_vcpu_run(struct kvm_vcpu *vcpu, struct ucall *uc);
void sdei_run_to(struct kvm_vcpu *vcpu, u64 cmd);
void sdei_run(struct sdei_vm *v);
void sdei_run_in_turn(struct sdei_vm *v);
pthread_t sdei_start_vcpu(struct kvm_vcpu *vcpu);
void sdei_wait_until_blocked(struct kvm_vcpu *vcpu);
void sdei_run_for_a_while(struct kvm_vcpu *vcpu);
void sdei_run_stopped(struct kvm_vcpu *vcpu);
void sdei_run_to_pc(struct kvm_vcpu *vcpu, u64 first, u64 last);
void sdei_set_mp_state(struct kvm_vcpu *vcpu, u32 state);
u32 sdei_mp_state(struct kvm_vcpu *vcpu);

bool sdei_is_available(void);
void __noreturn sdei_missing(const char *why);
int sdei_main(const struct sdei_test *tests, unsigned int nr);

/* A guest's variable as the VMM sees it */
#define sdei_guest_var(_v, _var)					\
	READ_ONCE(*(typeof(_var) *)addr_gva2hva((_v)->vm, (u64)&(_var)))

/* Ids 0x100 to 0x1ff are reserved for SDEI; KVM lists those that it has */
#define SDEI_REG(_n)		KVM_REG_ARM_FW_REG(0x100 + (_n))
#define SDEI_NR_IDS		0x100
#define SDEI_MAX_EVENTS		16

#define SDEI_STATE(_event)	KVM_REG_ARM_SDEI_EVENT_STATE(_event)
#define EVENT_REGISTERED	KVM_REG_ARM_SDEI_EVENT_REGISTERED
#define EVENT_ENABLED		KVM_REG_ARM_SDEI_EVENT_ENABLED
#define EVENT_RUNNING		KVM_REG_ARM_SDEI_EVENT_RUNNING
#define EVENT_PENDING		KVM_REG_ARM_SDEI_EVENT_PENDING
#define EVENT_READY		(EVENT_REGISTERED | EVENT_ENABLED)

/* The SDEI registers of a vCPU, and their values */
struct sdei_state {
	unsigned int	nr;
	bool		is_reg[SDEI_NR_IDS];
	u64		val[SDEI_NR_IDS];
};

unsigned int sdei_nr_events(struct kvm_vcpu *vcpu);
void sdei_get_state(struct kvm_vcpu *vcpu, struct sdei_state *state);
void sdei_expect_state(struct kvm_vcpu *vcpu, const struct sdei_state *state);
void sdei_expect_reg(struct kvm_vcpu *vcpu, u64 id, u64 val);
void sdei_expect_set(struct kvm_vcpu *vcpu, u64 id, u64 val, int err);
void sdei_restore_and_run(struct sdei_vm *v, const struct ucall *uc,
			  void (*run)(struct sdei_vm *v));

#endif /* __ASSEMBLER__ */
#endif /* SELFTEST_KVM_SDEI_H */
