// SPDX-License-Identifier: GPL-2.0-only
/*
 * A VM that is saved in any state of its SDEI events, with every register that
 * KVM lists, goes on in another one, whatever the order they are written in.
 */
#include "sdei_save.h"

#define SYNC_SAVE		0x10

/*
 * All states of two events and a PE: the guest goes to one of them, stops for
 * the VMM, and sees on its way back that all is as it was.
 */
struct state {
	u64	event[NR_EVENTS];
	bool	masked;
};

static struct state state __sdei_guest;
static bool stopped __sdei_guest;
static int contexts __sdei_guest;

static const u64 event_number[] = { SDEI_EVENT_SW_SIGNALED, SDEI_EVENT_NMI };
static const u64 event_states[] = {
	0,
	EVENT_REGISTERED,
	EVENT_REGISTERED | EVENT_PENDING,
	EVENT_REGISTERED | EVENT_ENABLED,
	EVENT_REGISTERED | EVENT_ENABLED | EVENT_PENDING,
	EVENT_RUNNING,
	EVENT_REGISTERED | EVENT_RUNNING,
	EVENT_REGISTERED | EVENT_RUNNING | EVENT_PENDING,
	EVENT_REGISTERED | EVENT_ENABLED | EVENT_RUNNING,
	EVENT_REGISTERED | EVENT_ENABLED | EVENT_RUNNING | EVENT_PENDING,
};

#define PATTERN(_event, _n)	(((_event) + 0xa5UL) << 56 | 0x0123456789ab00UL | (_n))

/* What that is then, as the event's handler finds it and leaves it */
static u64 called_reg(unsigned int event, unsigned int n)
{
	return n < 4 ? SDEI_SUCCESS : PATTERN(event, n);
}

/* Pending, and nothing holds it back: only while the vCPU is stopped */
static bool is_deliverable(const struct state *s, unsigned int event)
{
	return s->event[event] & EVENT_PENDING && s->event[event] & EVENT_ENABLED &&
	       !((s->event[event] | s->event[NMI]) & EVENT_RUNNING) && !s->masked;
}

/* The event that runs and was not interrupted, or -1 */
static int innermost(const struct state *s)
{
	int event;

	for (event = NMI; event >= 0; event--) {
		if (s->event[event] & EVENT_RUNNING)
			break;
	}
	return event;
}

#define STATE_ASSERT(_cond, _fmt, ...)					\
	__GUEST_ASSERT(_cond, "event 0 %#lx, NMI %#lx, masked %u: " _fmt, \
		       state.event[EV], state.event[NMI], state.masked,	\
		       ##__VA_ARGS__)

#define STATE_EXPECT(_call, _ret)					\
do {									\
	s64 __exp = (_ret), __val = (_call);				\
									\
	STATE_ASSERT(__val == __exp, "%s: %ld, not %ld", #_call, __val, __exp); \
} while (0)

static void expect_context(void)
{
	int i, running = innermost(&state);

	if (running < 0) {
		STATE_EXPECT(sdei(EVENT_CONTEXT, 0), SDEI_DENIED);
		return;
	}
	for (i = 0; i < SDEI_NR_CONTEXT_REGS; i++)
		STATE_EXPECT(sdei(EVENT_CONTEXT, i), called_reg(running, i));
}

/* In the innermost handler, all events enabled: the rest of the way, and back */
static void stop(void)
{
	int i;

	for (i = 0; i < NR_EVENTS; i++) {
		u64 s = state.event[i], nr = event_number[i];

		if (s & EVENT_RUNNING && !(s & EVENT_REGISTERED))
			STATE_EXPECT(sdei(EVENT_UNREGISTER, nr), SDEI_PENDING);
		else if (s & EVENT_REGISTERED && !(s & EVENT_ENABLED))
			STATE_EXPECT(sdei(EVENT_DISABLE, nr), SDEI_SUCCESS);
	}
	if (state.masked)
		STATE_EXPECT(sdei(PE_MASK), 1);
	if (state.event[EV] & EVENT_PENDING && !is_deliverable(&state, EV))
		STATE_EXPECT(sdei_signal_self(), SDEI_SUCCESS);
	if (state.event[NMI] & EVENT_PENDING && !is_deliverable(&state, NMI))
		GUEST_SYNC(SYNC_NMI);

	stopped = true;
	GUEST_SYNC(SYNC_SAVE);

	for (i = 0; i < NR_EVENTS; i++)
		STATE_EXPECT(sdei(EVENT_STATUS, event_number[i]),
			     state.event[i] & ~EVENT_PENDING);
	expect_context();
	STATE_EXPECT(sdei(PE_MASK), !state.masked);
	for (i = 0; i < NR_EVENTS; i++) {
		if (state.event[i] & EVENT_REGISTERED)
			STATE_EXPECT(sdei(EVENT_ENABLE, event_number[i]), SDEI_SUCCESS);
	}
	STATE_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
}

/* Have the event's handler run, and go on from there */
static void run_handler(unsigned int event)
{
	u64 regs[SDEI_NR_CONTEXT_REGS];
	int i;

	for (i = 0; i < SDEI_NR_CONTEXT_REGS; i++)
		regs[i] = PATTERN(event, i);
	if (event == EV) {
		regs[0] = SDEI_1_0_FN_SDEI_EVENT_SIGNAL;
		regs[1] = SDEI_EVENT_SW_SIGNALED;
		regs[2] = sdei_mpidr[0];
	} else {
		STATE_EXPECT(sdei(PE_MASK), 1);
		GUEST_SYNC(SYNC_NMI);
		regs[0] = SDEI_1_0_FN_SDEI_PE_UNMASK;
	}

	sdei_call_regs(regs);
	for (i = 0; i < SDEI_NR_CONTEXT_REGS; i++)
		STATE_ASSERT(regs[i] == called_reg(event, i), "x%u: %#lx", i, regs[i]);
}

static void handle_state(struct sdei_handler *h)
{
	/* One that was pending */
	if (stopped)
		return;

	contexts++;
	if (h == &sdei_handler[EV] && state.event[NMI] & EVENT_RUNNING)
		run_handler(NMI);
	else
		stop();
}

static void guest_state(void)
{
	bool nested = state.event[EV] & state.event[NMI] & EVENT_RUNNING;
	int i;

	for (i = 0; i < NR_EVENTS; i++) {
		if (!state.event[i])
			continue;
		sdei_handler[i].fn = handle_state;
		STATE_EXPECT(sdei(EVENT_REGISTER, event_number[i],
				  (u64)(i == EV ? sdei_entry : sdei_entry2),
				  (u64)&sdei_handler[i]), SDEI_SUCCESS);
		STATE_EXPECT(sdei(EVENT_ENABLE, event_number[i]), SDEI_SUCCESS);
	}
	STATE_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);

	if (state.event[EV] & EVENT_RUNNING)
		run_handler(EV);
	else if (state.event[NMI] & EVENT_RUNNING)
		run_handler(NMI);
	else
		stop();

	STATE_ASSERT(stopped, "it was not saved");
	for (i = 0; i < NR_EVENTS; i++) {
		u64 s = state.event[i];

		STATE_EXPECT(sdei(EVENT_STATUS, event_number[i]),
			     s & EVENT_REGISTERED ?
			     SDEI_EVENT_REGISTERED | SDEI_EVENT_ENABLED : 0);
		STATE_EXPECT(sdei_handler[i].runs,
			     !!(s & EVENT_RUNNING) + !!(s & EVENT_PENDING));
	}
	STATE_EXPECT(contexts, (innermost(&state) >= 0) + nested);
	STATE_EXPECT(sdei(EVENT_CONTEXT, 0), SDEI_DENIED);
	STATE_EXPECT(sdei(PE_MASK), 1);
	GUEST_DONE();
}

static void expect_saved(const struct saved *saved, u64 id, u64 val)
{
	u64 now = saved->sdei.val[id - SDEI_REG(0)];

	TEST_ASSERT(now == val, "register %#x: %#lx, not %#lx", (u16)id,
		    (unsigned long)now, (unsigned long)val);
}

/* The registers have what the guest made of them, not only what was written */
static void check_saved(struct sdei_vm *v, const struct state *s, const struct saved *saved)
{
	int i, n;

	expect_saved(saved, VERSION, VERSION_1_1);
	expect_saved(saved, PE_STATE, s->masked ? KVM_REG_ARM_SDEI_PE_MASKED : 0);
	for (i = 0; i < NR_EVENTS; i++) {
		bool used = s->event[i];

		expect_saved(saved, STATE(i), s->event[i]);
		expect_saved(saved, ENTRY(i),
			     used ? (u64)(i == EV ? sdei_entry : sdei_entry2) : 0);
		expect_saved(saved, ARG(i), used ? (u64)&sdei_handler[i] : 0);
		if (!(s->event[i] & EVENT_RUNNING))
			continue;
		for (n = 0; n < SDEI_NR_CONTEXT_REGS; n++)
			expect_saved(saved, CONTEXT(i, n), called_reg(i, n));
		expect_saved(saved, CONTEXT_PC(i), (u64)sdei_called);
		expect_saved(saved, CONTEXT_PSTATE(i),
			     sdei_guest_var(v, sdei_handler[i].regs.x[3]));
	}
}

static void host_state(struct sdei_vm *v, const struct state *s, struct sdei_vm *to)
{
	struct kvm_vcpu *vcpu = v->vcpu[0];
	struct saved saved;
	enum order order;
	struct ucall uc;
	int i, cmd;

	memset(addr_gva2hva(v->vm, (u64)__start_sdei_guest), 0,
	       __stop_sdei_guest - __start_sdei_guest);
	memcpy(addr_gva2hva(v->vm, (u64)&state), s, sizeof(*s));
	sdei_vcpu_reset(v, 0, guest_state);

	cmd = sdei_run_with_nmis(vcpu, &uc);
	TEST_ASSERT(cmd == UCALL_SYNC && uc.args[1] == SYNC_SAVE, "ucall %u", cmd);
	for (i = 0; i < NR_EVENTS; i++) {
		if (is_deliverable(s, i))
			sdei_raise(vcpu, i);
	}

	save(v, &saved);
	check_saved(v, s, &saved);
	for (order = 0; order < NR_ORDERS; order++) {
		restore(to, v, &uc, &saved, order);
		sdei_run_to(to->vcpu[0], UCALL_DONE);
		sdei_vcpu_reset(to, 0, NULL);
	}
	free_saved(&saved);

	/* All this was no harm to where it was saved */
	sdei_run_to(vcpu, UCALL_DONE);
}

static void host_states(struct sdei_vm *v)
{
	struct state s = { .event[EV] = *(const u64 *)v->test->data };
	static struct sdei_vm to;
	int i, masked;

	if (!to.vm)
		sdei_vm_create(&to, false);

	for (i = 0; i < ARRAY_SIZE(event_states); i++) {
		for (masked = 0; masked <= 1; masked++) {
			alarm(SDEI_TIMEOUT_SEC);
			s.event[NMI] = event_states[i];
			s.masked = masked;
			host_state(v, &s, &to);
		}
	}
}

/* Interrupted at EL0, where all registers have a pattern: nop; nop; b . */
#define USER_A64		(SDEI_USER_PAGE + 0x000)
#define USER_A32		(SDEI_USER_PAGE + 0x080)

static const u32 user_a64_code[] = { 0xd503201f, 0xd503201f, 0x14000000 };
static const u32 user_a32_code[] = { 0xe320f000, 0xe320f000, 0xeafffffe };

struct user {
	unsigned int	event;
	u64		entry, pstate;
	unsigned int	nr_regs;
};

static void handle_user(struct sdei_handler *h)
{
	const struct user *user = sdei_test->data;
	int i;

	GUEST_SYNC(SYNC_SAVE);
	GUEST_EXPECT(sdei(EVENT_STATUS, event_number[user->event]),
		     SDEI_EVENT_REGISTERED | SDEI_EVENT_ENABLED | SDEI_EVENT_RUNNING);
	for (i = 0; i < user->nr_regs; i++)
		GUEST_EXPECT((u32)sdei(EVENT_CONTEXT, i), (u32)PATTERN(EV, i));
}

static void guest_user(void)
{
	const struct user *user = sdei_test->data;
	u64 regs[SDEI_NR_CONTEXT_REGS];
	int i;

	if (user->pstate & PSR_MODE32_BIT &&
	    (read_sysreg(id_aa64pfr0_el1) & 0xf) != 2)
		sdei_skip("no AArch32 EL0");

	sdei_this_handler()->fn = handle_user;
	GUEST_EXPECT(sdei(EVENT_REGISTER, event_number[user->event], (u64)sdei_entry,
			  (u64)sdei_this_handler()), SDEI_SUCCESS);
	GUEST_EXPECT(sdei(EVENT_ENABLE, event_number[user->event]), SDEI_SUCCESS);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
	for (i = 0; i < SDEI_NR_CONTEXT_REGS; i++)
		regs[i] = PATTERN(EV, i);
	GUEST_SYNC(0);
	sdei_enter_user(user->entry, user->pstate, regs);
}

static void map_user(struct sdei_vm *v)
{
	void *page = sdei_map_user_page(v);

	memcpy(page + USER_A64 - SDEI_USER_PAGE, user_a64_code, sizeof(user_a64_code));
	memcpy(page + USER_A32 - SDEI_USER_PAGE, user_a32_code, sizeof(user_a32_code));
}

static void run_to_user(struct kvm_vcpu *vcpu, const struct user *user)
{
	u64 pstate, reg;
	int i;

	sdei_run_to_pc(vcpu, user->entry, user->entry + 8);
	pstate = sdei_get_reg(vcpu, ARM64_CORE_REG(regs.pstate));
	TEST_ASSERT((pstate & (PSTATE_NZCV | PSTATE_DAIF | PSR_MODE32_BIT | PSR_MODE_MASK)) ==
		    user->pstate, "PSTATE %#lx", (unsigned long)pstate);
	for (i = 0; i < user->nr_regs; i++) {
		reg = sdei_get_reg(vcpu, ARM64_CORE_REG(regs.regs[i]));
		TEST_ASSERT((u32)reg == (u32)PATTERN(EV, i), "x%u: %#lx", i,
			    (unsigned long)reg);
	}
}

static void host_user(struct sdei_vm *v)
{
	const struct user *user = v->test->data;
	struct sdei_vm vms[NR_ORDERS] = {};
	struct saved saved;
	struct ucall uc;
	int i;

	map_user(v);
	sdei_run_to(v->vcpu[0], UCALL_SYNC);
	run_to_user(v->vcpu[0], user);
	sdei_raise(v->vcpu[0], user->event);
	TEST_ASSERT(sdei_vcpu_run(v->vcpu[0], &uc) == UCALL_SYNC, "no ucall");
	save(v, &saved);
	expect_reg(v->vcpu[0], CONTEXT_PSTATE(user->event),
		   sdei_guest_var(v, sdei_handler[0].regs.x[3]));

	for (i = 0; i < NR_ORDERS; i++) {
		sdei_vm_create(&vms[i], false);
		map_user(&vms[i]);
		restore(&vms[i], v, &uc, &saved, i);
		run_to_user(vms[i].vcpu[0], user);
		expect_reg(vms[i].vcpu[0], STATE(user->event), EVENT_REGISTERED | EVENT_ENABLED);
		kvm_vm_free(vms[i].vm);
	}
	free_saved(&saved);
	run_to_user(v->vcpu[0], user);
}

/* The version that the guest has seen is kept, also by a VM that has not run yet */
static void guest_version(void)
{
	u64 version = *(const u64 *)sdei_test->data;

	GUEST_SYNC(SYNC_SAVE);
	GUEST_EXPECT(sdei(VERSION), version);
	GUEST_DONE();
}

static void host_version(struct sdei_vm *v)
{
	u64 version = *(const u64 *)v->test->data;
	struct saved saved;
	struct ucall uc;
	int i;

	expect_set(v->vcpu[0], VERSION, version, 0);
	TEST_ASSERT(sdei_vcpu_run(v->vcpu[0], &uc) == UCALL_SYNC, "no ucall");
	save(v, &saved);
	for (i = 0; i < NR_ORDERS; i++) {
		struct sdei_vm to = {};

		sdei_vm_create(&to, false);
		restore(&to, v, &uc, &saved, i);
		sdei_run_to(to.vcpu[0], UCALL_DONE);
		kvm_vm_free(to.vm);
	}
	free_saved(&saved);
}

#define STATES(_state, _name)						\
	{								\
		.name = "Saved, restored with event 0 " _name ", the NMI in all states: goes on", \
		.guest = { guest_state },				\
		.host = host_states,					\
		.data = &(const u64){ _state },				\
	}
#define USER(_event, _name, _entry, _mode, _nr)				\
	{								\
		.name = "Saved, restored in the handler of " _name ": goes back there", \
		.guest = { guest_user },				\
		.host = host_user,					\
		.data = &(const struct user){				\
			.event = _event,				\
			.entry = _entry, .pstate = PSR_N_BIT | PSR_C_BIT | (_mode), \
			.nr_regs = _nr,					\
		},							\
		.own_vm = true,						\
	}
#define SAVED_VERSION(_version, _name)					\
	{								\
		.name = "Saved, restored with VERSION " _name ": kept", \
		.guest = { guest_version },				\
		.host = host_version,					\
		.data = &(const u64){ _version },			\
		.own_vm = true,						\
	}

static const struct sdei_test tests[] = {
	STATES(0, "not registered"),
	STATES(EVENT_REGISTERED, "disabled"),
	STATES(EVENT_REGISTERED | EVENT_PENDING, "disabled, pending"),
	STATES(EVENT_REGISTERED | EVENT_ENABLED, "enabled"),
	STATES(EVENT_REGISTERED | EVENT_ENABLED | EVENT_PENDING, "enabled, pending"),
	STATES(EVENT_RUNNING, "running, unregistered"),
	STATES(EVENT_REGISTERED | EVENT_RUNNING, "running, disabled"),
	STATES(EVENT_REGISTERED | EVENT_RUNNING | EVENT_PENDING, "running, disabled, pending"),
	STATES(EVENT_REGISTERED | EVENT_ENABLED | EVENT_RUNNING, "running"),
	STATES(EVENT_REGISTERED | EVENT_ENABLED | EVENT_RUNNING | EVENT_PENDING,
	       "running, pending"),
	USER(EV, "event 0 at EL0", USER_A64, PSR_MODE_EL0t, SDEI_NR_CONTEXT_REGS),
	USER(EV, "event 0 at EL0 in AArch32", USER_A32, PSR_MODE32_BIT, 15),
	USER(NMI, "the NMI at EL0", USER_A64, PSR_MODE_EL0t, SDEI_NR_CONTEXT_REGS),
	USER(NMI, "the NMI at EL0 in AArch32", USER_A32, PSR_MODE32_BIT, 15),
	SAVED_VERSION(VERSION_1_0, "1.0"),
	SAVED_VERSION(VERSION_1_1, "1.1"),
};

int main(void)
{
	return sdei_regs_main(tests, ARRAY_SIZE(tests));
}
