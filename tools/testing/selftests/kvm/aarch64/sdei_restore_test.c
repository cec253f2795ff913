// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VM that is saved in any state of an SDEI event, with every register that KVM
 * lists, continues in another one, whatever the order they are written in.
 */
#include "sdei.h"

/*
 * The guest goes to a state of the event and the PE, stops for the VMM, and sees on
 * its way back that all is as it was.
 */
struct state {
	u64	event;
	bool	masked;
};

static struct sdei_probe probe;
static bool stopped;

/* Pending, and nothing holds it back: only while the vCPU is stopped */
static bool is_deliverable(const struct state *s)
{
	return (s->event & EVENT_PENDING) && (s->event & EVENT_ENABLED) &&
	       !(s->event & EVENT_RUNNING) && !s->masked;
}

/* All events enabled, in the handler if that is to run: the rest of the way, and back */
static void stop(void)
{
	const struct state *s = sdei_test->data;
	int i;

	if ((s->event & EVENT_RUNNING) && !(s->event & EVENT_REGISTERED))
		GUEST_EXPECT(sdei(EVENT_UNREGISTER, EV), SDEI_PENDING);
	else if ((s->event & EVENT_REGISTERED) && !(s->event & EVENT_ENABLED))
		GUEST_EXPECT(sdei(EVENT_DISABLE, EV), SDEI_SUCCESS);
	if (s->masked)
		GUEST_EXPECT(sdei(PE_MASK), 1);
	if ((s->event & EVENT_PENDING) && !is_deliverable(s))
		GUEST_EXPECT(sdei_signal_self(), SDEI_SUCCESS);

	stopped = true;
	GUEST_SYNC(0);

	GUEST_EXPECT(sdei(EVENT_STATUS, EV), s->event & ~EVENT_PENDING);
	if (!(s->event & EVENT_RUNNING))
		GUEST_EXPECT(sdei(EVENT_CONTEXT, 0), SDEI_DENIED);
	else
		for (i = 0; i < SDEI_NR_CONTEXT_REGS; i++)
			GUEST_EXPECT(sdei(EVENT_CONTEXT, i), i < 4 ? 0 : probe.in.x[i]);
	GUEST_EXPECT(sdei(PE_MASK), !s->masked);
	if (s->event & EVENT_REGISTERED)
		GUEST_EXPECT(sdei(EVENT_ENABLE, EV), SDEI_SUCCESS);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
}

static void handle_state(struct sdei_handler *h)
{
	/* Or it was pending */
	if (!stopped)
		stop();
}

static void guest_state(void)
{
	const struct state *s = sdei_test->data;
	struct sdei_handler *h = sdei_this_handler();

	if (s->event)
		sdei_setup(handle_state);
	else
		GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);

	if (s->event & EVENT_RUNNING) {
		sdei_probe_fill(&probe);
		sdei_probe_signal(&probe, sdei_point_hvc);
		sdei_check_regs(&probe.out, &probe.in);
	} else {
		stop();
	}

	GUEST_ASSERT(stopped);
	GUEST_EXPECT(sdei(EVENT_STATUS, EV), s->event & EVENT_REGISTERED ? ST_ENABLED : 0);
	GUEST_EXPECT(h->runs, !!(s->event & EVENT_RUNNING) + !!(s->event & EVENT_PENDING));
	GUEST_EXPECT(sdei(EVENT_CONTEXT, 0), SDEI_DENIED);
	GUEST_EXPECT(sdei(PE_MASK), 1);
	GUEST_DONE();
}

/* The registers have what the guest made of them, not only what was written */
static void check_state(struct sdei_vm *v, const struct state *s)
{
	struct kvm_vcpu *vcpu = v->vcpu[0];
	int n;

	sdei_expect_reg(vcpu, KVM_REG_ARM_SDEI_VERSION, KVM_REG_ARM_SDEI_VERSION_1_1);
	sdei_expect_reg(vcpu, KVM_REG_ARM_SDEI_PE_STATE,
			s->masked ? KVM_REG_ARM_SDEI_PE_MASKED : 0);
	sdei_expect_reg(vcpu, SDEI_STATE(EV), s->event);
	sdei_expect_reg(vcpu, KVM_REG_ARM_SDEI_EVENT_ENTRY(EV),
			s->event ? (u64)sdei_entry : 0);
	sdei_expect_reg(vcpu, KVM_REG_ARM_SDEI_EVENT_ARG(EV),
			s->event ? (u64)&sdei_handler[0] : 0);
	if (!(s->event & EVENT_RUNNING))
		return;
	for (n = 0; n < SDEI_NR_CONTEXT_REGS; n++)
		sdei_expect_reg(vcpu, KVM_REG_ARM_SDEI_CONTEXT_X(0, n),
				n < 4 ? 0 : sdei_guest_var(v, probe.in.x[n]));
	sdei_expect_reg(vcpu, KVM_REG_ARM_SDEI_CONTEXT_PC(0), (u64)sdei_after_hvc);
	sdei_expect_reg(vcpu, KVM_REG_ARM_SDEI_CONTEXT_PSTATE(0),
			sdei_guest_var(v, sdei_handler[0].regs.x[3]));
}

static void host_state(struct sdei_vm *v)
{
	const struct state *s = v->test->data;
	struct ucall uc;

	TEST_ASSERT_EQ(sdei_vcpu_run(v->vcpu[0], &uc), UCALL_SYNC);
	if (is_deliverable(s))
		sdei_expect_set(v->vcpu[0], SDEI_STATE(EV), s->event, 0);
	check_state(v, s);
	sdei_restore_and_run(v, &uc);
}

/* Interrupted at EL0, where all registers have a pattern */
struct user {
	u64		entry, pstate;
	unsigned int	nr_regs;
};

static void handle_user(struct sdei_handler *h)
{
	const struct user *user = sdei_test->data;
	int i;

	GUEST_SYNC(0);
	GUEST_EXPECT(sdei(EVENT_STATUS, EV), ST_ENABLED | ST_RUNNING);
	for (i = 0; i < user->nr_regs; i++)
		GUEST_EXPECT((u32)sdei(EVENT_CONTEXT, i), (u32)probe.in.x[i]);
}

static void guest_user(void)
{
	const struct user *user = sdei_test->data;

	sdei_need_aarch32(user->pstate);
	sdei_setup(handle_user);
	sdei_probe_fill(&probe);
	probe.in.elr = user->entry;
	probe.in.spsr = user->pstate;
	GUEST_SYNC(0);
	sdei_probe(&probe, sdei_point_eret);
}

static void run_to_user(struct sdei_vm *v, const struct user *user)
{
	u64 pstate, reg;
	int i;

	sdei_run_to_pc(v->vcpu[0], user->entry, user->entry + 8);
	pstate = vcpu_get_reg(v->vcpu[0], ARM64_CORE_REG(regs.pstate));
	TEST_ASSERT_EQ(pstate & (PSTATE_NZCV | PSTATE_DAIF | PSR_MODE32_BIT | PSR_MODE_MASK),
		       user->pstate);
	for (i = 0; i < user->nr_regs; i++) {
		reg = vcpu_get_reg(v->vcpu[0], ARM64_CORE_REG(regs.regs[i]));
		TEST_ASSERT_EQ((u32)reg, (u32)sdei_guest_var(v, probe.in.x[i]));
	}
}

static void host_user(struct sdei_vm *v)
{
	const struct user *user = v->test->data;
	struct sdei_saved saved;
	enum sdei_order order;
	struct ucall uc;

	sdei_map_user_page(v);
	sdei_run_to(v->vcpu[0], UCALL_SYNC);
	run_to_user(v, user);
	sdei_expect_set(v->vcpu[0], SDEI_STATE(EV),
			EVENT_REGISTERED | EVENT_ENABLED | EVENT_PENDING, 0);
	TEST_ASSERT_EQ(sdei_vcpu_run(v->vcpu[0], &uc), UCALL_SYNC);
	sdei_save(v->vcpu[0], &saved);

	for (order = 0; order < NR_ORDERS; order++) {
		struct sdei_vm to = {};

		sdei_vm_create(&to, 1, false);
		sdei_map_user_page(&to);
		sdei_restore(&to, v, &uc, &saved, order);
		run_to_user(&to, user);
		sdei_expect_reg(to.vcpu[0], SDEI_STATE(EV), EVENT_REGISTERED | EVENT_ENABLED);
		kvm_vm_free(to.vm);
	}
	run_to_user(v, user);
}

/* The version that the guest has seen is kept, also by a VM that has not run yet */
static void guest_version(void)
{
	u64 version = *(const u64 *)sdei_test->data;

	GUEST_SYNC(0);
	GUEST_EXPECT(sdei(VERSION), version);
	GUEST_DONE();
}

static void host_version(struct sdei_vm *v)
{
	struct ucall uc;

	vcpu_set_reg(v->vcpu[0], KVM_REG_ARM_SDEI_VERSION, *(const u64 *)v->test->data);
	TEST_ASSERT_EQ(sdei_vcpu_run(v->vcpu[0], &uc), UCALL_SYNC);
	sdei_restore_and_run(v, &uc);
}

#define STATE(_name, _event, _masked)					\
	{								\
		.name = _name ", saved and restored",			\
		.guest = { guest_state },				\
		.host = host_state,					\
		.data = &(const struct state){ _event, _masked },	\
	}
#define PENDING			EVENT_PENDING
#define DISABLED		EVENT_REGISTERED
#define ENABLED			(EVENT_REGISTERED | EVENT_ENABLED)
#define RUNNING			EVENT_RUNNING
#define USER(_name, _entry, _mode, _nr)					\
	{								\
		.name = _name ", saved and restored in the handler",	\
		.guest = { guest_user },				\
		.host = host_user,					\
		.data = &(const struct user){				\
			_entry, PSR_N_BIT | PSR_C_BIT | (_mode), _nr	\
		},							\
	}
#define KEPT_VERSION(_name, _version)					\
	{								\
		.name = _name ", saved and restored",			\
		.guest = { guest_version },				\
		.host = host_version,					\
		.data = &(const u64){ _version },			\
	}

static const struct sdei_test tests[] = {
	STATE("not registered", 0, false),
	STATE("disabled", DISABLED, false),
	STATE("disabled, pending", DISABLED | PENDING, false),
	STATE("enabled", ENABLED, false),
	STATE("enabled, pending", ENABLED | PENDING, false),
	STATE("running, unregistered", RUNNING, false),
	STATE("running, disabled", RUNNING | DISABLED, false),
	STATE("running, disabled, pending", RUNNING | DISABLED | PENDING, false),
	STATE("running", RUNNING | ENABLED, false),
	STATE("running, pending", RUNNING | ENABLED | PENDING, false),
	STATE("not registered, masked", 0, true),
	STATE("disabled, masked", DISABLED, true),
	STATE("disabled, pending, masked", DISABLED | PENDING, true),
	STATE("enabled, masked", ENABLED, true),
	STATE("enabled, pending, masked", ENABLED | PENDING, true),
	STATE("running, unregistered, masked", RUNNING, true),
	STATE("running, disabled, masked", RUNNING | DISABLED, true),
	STATE("running, disabled, pending, masked", RUNNING | DISABLED | PENDING, true),
	STATE("running, masked", RUNNING | ENABLED, true),
	STATE("running, pending, masked", RUNNING | ENABLED | PENDING, true),
	USER("EL0 interrupted", SDEI_USER_A64, PSR_MODE_EL0t, SDEI_NR_CONTEXT_REGS),
	USER("AArch32 EL0 interrupted", SDEI_USER_A32, PSR_MODE32_BIT, 15),
	KEPT_VERSION("VERSION 1.0", KVM_REG_ARM_SDEI_VERSION_1_0),
	KEPT_VERSION("VERSION 1.1", KVM_REG_ARM_SDEI_VERSION_1_1),
};

int main(void)
{
	return sdei_main(tests, ARRAY_SIZE(tests));
}
