// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SDEI state of a vCPU as firmware pseudo-registers: a VM that is saved in
 * any state of its events goes on in another one, what can't be is refused, and
 * no signal is lost to a VMM that reads registers and writes them back.
 */
#include "sdei_regs.h"

#define SYNC_SAVE		0x10

#define SDEI_VERSION(_major, _minor)					\
	((u64)(_major) << SDEI_VERSION_MAJOR_SHIFT |			\
	 (u64)(_minor) << SDEI_VERSION_MINOR_SHIFT | 0x4b564d)

#define VERSION			KVM_REG_ARM_SDEI_VERSION
#define PE_STATE		KVM_REG_ARM_SDEI_PE_STATE
#define STATE(_event)		KVM_REG_ARM_SDEI_EVENT_STATE(_event)
#define ENTRY(_event)		KVM_REG_ARM_SDEI_EVENT_ENTRY(_event)
#define ARG(_event)		KVM_REG_ARM_SDEI_EVENT_ARG(_event)
#define CONTEXT(_prio, _n)	KVM_REG_ARM_SDEI_CONTEXT_X(_prio, _n)
#define CONTEXT_PC(_prio)	KVM_REG_ARM_SDEI_CONTEXT_PC(_prio)
#define CONTEXT_PSTATE(_prio)	KVM_REG_ARM_SDEI_CONTEXT_PSTATE(_prio)
#define NR_REGS			(2 + 3 * NR_EVENTS + NR_EVENTS * (SDEI_NR_CONTEXT_REGS + 2))

/* All ids from here on, and those that are registers */
#define SDEI_REG(_n)		KVM_REG_ARM_FW_REG(0x100 + (_n))
#define NR_IDS			0x100

static bool is_sdei_reg(u64 id)
{
	return id == VERSION || id == PE_STATE ||
	       id == STATE(EV) || id == STATE(NMI) ||
	       id == ENTRY(EV) || id == ENTRY(NMI) ||
	       id == ARG(EV) || id == ARG(NMI) ||
	       (id >= CONTEXT(0, 0) && id < CONTEXT(2, 0));
}

/* The SDEI registers of a vCPU, by id */
struct sdei_state {
	u64	val[NR_IDS];
};

static void get_sdei_state(struct kvm_vcpu *vcpu, struct sdei_state *state)
{
	int i;

	for (i = 0; i < NR_IDS; i++)
		state->val[i] = is_sdei_reg(SDEI_REG(i)) ?
				sdei_get_reg(vcpu, SDEI_REG(i)) : 0;
}

static void set_sdei_state(struct kvm_vcpu *vcpu, const struct sdei_state *state)
{
	int i, err;

	for (i = 0; i < NR_IDS; i++) {
		if (!is_sdei_reg(SDEI_REG(i)))
			continue;
		err = sdei_set_reg(vcpu, SDEI_REG(i), state->val[i]);
		TEST_ASSERT(!err, "register %#x = %#lx: %s", 0x100 + i,
			    (unsigned long)state->val[i], strerror(err));
	}
}

static void expect_sdei_state(struct kvm_vcpu *vcpu, const struct sdei_state *state)
{
	struct sdei_state now;
	int i;

	get_sdei_state(vcpu, &now);
	for (i = 0; i < NR_IDS; i++)
		TEST_ASSERT(now.val[i] == state->val[i], "register %#x: %#lx, not %#lx",
			    0x100 + i, (unsigned long)now.val[i],
			    (unsigned long)state->val[i]);
}

static void expect_reg(struct kvm_vcpu *vcpu, u64 id, u64 val)
{
	u64 now = sdei_get_reg(vcpu, id);

	TEST_ASSERT(now == val, "register %#x: %#lx, not %#lx", (u16)id,
		    (unsigned long)now, (unsigned long)val);
}

static void expect_set(struct kvm_vcpu *vcpu, u64 id, u64 val, int err)
{
	int now = sdei_set_reg(vcpu, id, val);

	TEST_ASSERT(now == err, "register %#x = %#lx: %s, not %s", (u16)id,
		    (unsigned long)val, strerror(now), strerror(err));
}

/*
 * Saving and restoring a VM that uses one of its vCPUs, with every register
 * that KVM lists, as a VMM does that knows nothing of SDEI.
 */
enum order { ASCENDING, DESCENDING, SHUFFLED, NR_ORDERS };

struct saved {
	struct kvm_reg_list	*list;
	u64			(*val)[2];
	struct sdei_state	sdei;
};

static int compare_ids(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/* The vCPU's last exit is a ucall */
static void save(struct sdei_vm *v, struct saved *saved)
{
	unsigned int i, nr = 0;

	/* A store by MMIO is not over yet */
	vcpu_run_complete_io(v->vcpu[0]);

	memset(saved, 0, sizeof(*saved));
	saved->list = vcpu_get_reg_list(v->vcpu[0]);
	qsort(saved->list->reg, saved->list->n, sizeof(u64), compare_ids);
	saved->val = calloc(saved->list->n, sizeof(*saved->val));
	for (i = 0; i < saved->list->n; i++) {
		u64 id = saved->list->reg[i];
		int ret;

		TEST_ASSERT(KVM_REG_SIZE(id) <= sizeof(*saved->val), "size of %#lx",
			    (unsigned long)id);
		ret = __vcpu_get_reg(v->vcpu[0], id, saved->val[i]);
		TEST_ASSERT(!ret, KVM_IOCTL_ERROR(KVM_GET_ONE_REG, ret));
		if (id >= SDEI_REG(0) && id < SDEI_REG(NR_IDS)) {
			TEST_ASSERT(is_sdei_reg(id), "register %#x is listed", (u16)id);
			saved->sdei.val[id - SDEI_REG(0)] = saved->val[i][0];
			nr++;
		}
	}
	TEST_ASSERT(nr == NR_REGS, "%u registers are listed, not %u", nr, NR_REGS);
}

static void free_saved(struct saved *saved)
{
	free(saved->list);
	free(saved->val);
}

static void restore_reg(struct kvm_vcpu *vcpu, const struct saved *saved, int i)
{
	struct kvm_one_reg reg = {
		.id = saved->list->reg[i],
		.addr = (u64)saved->val[i],
	};

	TEST_ASSERT(!__vcpu_ioctl(vcpu, KVM_SET_ONE_REG, &reg), "register %#lx: %s",
		    (unsigned long)reg.id, strerror(errno));
}

static void restore_regs(struct kvm_vcpu *vcpu, const struct saved *saved,
			 enum order order)
{
	int i, n = saved->list->n, next = 0;

	for (i = 0; i < n; i++) {
		switch (order) {
		case ASCENDING:
			restore_reg(vcpu, saved, i);
			break;
		case DESCENDING:
			restore_reg(vcpu, saved, n - 1 - i);
			break;
		default:
			/* Each one once, as 1009 is a prime */
			next = (next + 1009) % n;
			restore_reg(vcpu, saved, next);
			break;
		}
	}
}

/* Guest memory. The library's message has its own host address in it. */
static void copy_memory(struct sdei_vm *to, struct sdei_vm *from, const struct ucall *uc)
{
	struct userspace_mem_region *src, *dst;
	struct ucall *copy;
	int slot;

	for (slot = 0; slot <= !!from->user_page; slot++) {
		src = memslot2region(from->vm, slot);
		dst = memslot2region(to->vm, slot);
		memcpy(dst->host_mem, src->host_mem, src->region.memory_size);
	}

	copy = addr_gpa2hva(to->vm, addr_hva2gpa(from->vm, uc->hva));
	copy->hva = copy;
}

static void restore(struct sdei_vm *v, struct sdei_vm *from, const struct ucall *uc,
		    const struct saved *saved, enum order order)
{
	v->test = from->test;
	sdei_set_mp_state(v->vcpu[0], KVM_MP_STATE_RUNNABLE);
	copy_memory(v, from, uc);
	restore_regs(v->vcpu[0], saved, order);
	expect_sdei_state(v->vcpu[0], &saved->sdei);
}

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

	expect_saved(saved, VERSION, SDEI_VERSION(1, 1));
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
			TEST_ASSERT(!sdei_raise(vcpu, i), "raising event %u", i);
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
	TEST_ASSERT(!sdei_raise(v->vcpu[0], user->event), "raising the event");
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

/* One register is written, of a vCPU that has something in all of them */
struct bad {
	u64	id;
	u64	val;
	/* Each of these as well, together with @val */
	u64	bits;
	int	err;
};

static void fill_sdei_state(struct sdei_state *state, u64 event)
{
	int i;

	memset(state, 0, sizeof(*state));
	for (i = 0; i < NR_IDS; i++) {
		if (SDEI_REG(i) >= CONTEXT(0, 0) && SDEI_REG(i) < CONTEXT(2, 0))
			state->val[i] = 0x1122334455667700 + i;
	}
#define FILL(_id, _val)	(state->val[(_id) - SDEI_REG(0)] = (_val))
	FILL(VERSION, SDEI_VERSION(1, 1));
	FILL(PE_STATE, KVM_REG_ARM_SDEI_PE_MASKED);
	for (i = 0; i < NR_EVENTS; i++) {
		FILL(STATE(i), event);
		FILL(ENTRY(i), 0xffff800012345670 + 4 * i);
		FILL(ARG(i), 0x8877665544332211 + i);
		FILL(CONTEXT_PSTATE(i), PSR_N_BIT << i | PSR_MODE_EL1h);
	}
}

static void host_bad(struct sdei_vm *v)
{
	const struct bad *bad = v->test->data;
	struct sdei_state before;
	int i;

	fill_sdei_state(&before, EVENT_REGISTERED | EVENT_ENABLED | EVENT_RUNNING);
	set_sdei_state(v->vcpu[0], &before);

	for (i = 0; i < 64; i++) {
		if (!(bad->bits & BIT_ULL(i)))
			continue;
		expect_set(v->vcpu[0], bad->id, bad->val | BIT_ULL(i), bad->err);
		expect_reg(v->vcpu[0], bad->id, before.val[bad->id - SDEI_REG(0)]);
	}
	if (!bad->bits)
		expect_set(v->vcpu[0], bad->id, bad->val, bad->err);
	expect_sdei_state(v->vcpu[0], &before);
}

/* All bits and modes that can be */
static void host_good_pstate(struct sdei_vm *v)
{
	static const u64 mode[] = {
		PSR_MODE_EL0t, PSR_MODE_EL1t, PSR_MODE_EL1h,
		PSTATE_NZCV | PSTATE_DAIF | PSTATE_SS | PSTATE_IL | PSR_MODE_EL1h,
		PSR_SSBS_BIT | PSR_PAN_BIT | PSR_UAO_BIT | PSR_DIT_BIT | PSR_TCO_BIT |
			PSR_BTYPE_MASK | PSR_MODE_EL1t,
	};
	int i, prio;

	for (prio = 0; prio < NR_EVENTS; prio++) {
		for (i = 0; i < ARRAY_SIZE(mode); i++) {
			expect_set(v->vcpu[0], CONTEXT_PSTATE(prio), mode[i], 0);
			expect_reg(v->vcpu[0], CONTEXT_PSTATE(prio), mode[i]);
		}
	}
}

/* AArch32 at EL0, with all that its CPSR can have, if the CPU has it */
static void host_aarch32_pstate(struct sdei_vm *v)
{
	static const u64 pstate[] = { PSR_MODE32_BIT, 0xffffffe0 | PSR_MODE32_BIT };
	u64 pfr0 = sdei_get_reg(v->vcpu[0], KVM_ARM64_SYS_REG(SYS_ID_AA64PFR0_EL1));
	bool aarch32 = (pfr0 & 0xf) == 2;
	int i, prio;

	for (prio = 0; prio < NR_EVENTS; prio++) {
		for (i = 0; i < ARRAY_SIZE(pstate); i++) {
			expect_set(v->vcpu[0], CONTEXT_PSTATE(prio), 0, 0);
			expect_set(v->vcpu[0], CONTEXT_PSTATE(prio), pstate[i],
				   aarch32 ? 0 : EINVAL);
			expect_reg(v->vcpu[0], CONTEXT_PSTATE(prio), aarch32 ? pstate[i] : 0);
		}
	}
}

static void expect_no_reg(struct kvm_vcpu *vcpu, u64 id)
{
	u64 val[32] = {};
	int ret = __vcpu_get_reg(vcpu, id, val);

	TEST_ASSERT(ret == -1 && errno == ENOENT, "reading %#lx: %d, %s", (unsigned long)id,
		    ret, strerror(errno));
	expect_set(vcpu, id, 0, ENOENT);
}

static void host_no_reg(struct sdei_vm *v)
{
	struct sdei_state before;
	int i;

	fill_sdei_state(&before, EVENT_REGISTERED);
	set_sdei_state(v->vcpu[0], &before);

	for (i = 0; i < NR_IDS; i++) {
		u64 id = SDEI_REG(i);

		if (!is_sdei_reg(id)) {
			expect_no_reg(v->vcpu[0], id);
			continue;
		}
		id &= ~KVM_REG_SIZE_MASK;
		expect_no_reg(v->vcpu[0], id | KVM_REG_SIZE_U32);
		expect_no_reg(v->vcpu[0], id | KVM_REG_SIZE_U128);
	}
	expect_no_reg(v->vcpu[0], KVM_REG_ARM_FW_REG(0xff));
	expect_no_reg(v->vcpu[0], SDEI_REG(NR_IDS));
	expect_no_reg(v->vcpu[0], KVM_REG_ARM_FW_REG(0xffff));
	expect_sdei_state(v->vcpu[0], &before);
}

static bool is_listed(struct kvm_vcpu *vcpu, u64 id)
{
	struct kvm_reg_list *list = vcpu_get_reg_list(vcpu);
	bool ret = false;
	int i;

	for (i = 0; i < list->n && !ret; i++)
		ret = list->reg[i] == id;
	free(list);
	return ret;
}

/* Without the feature there are no calls, no registers, and nothing in the list */
static void guest_off(void)
{
	GUEST_EXPECT(sdei(VERSION), SDEI_NOT_SUPPORTED);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_NOT_SUPPORTED);
	GUEST_DONE();
}

/* A VMM that has the list from before may write back what it reads */
static void expect_off(struct kvm_vcpu *vcpu, u64 id)
{
	u64 val;

	if (!is_sdei_reg(id)) {
		expect_no_reg(vcpu, id);
		return;
	}

	val = sdei_get_reg(vcpu, id);
	expect_set(vcpu, id, val, 0);
	expect_set(vcpu, id, val ^ BIT(2), ENOENT);
	expect_reg(vcpu, id, val);
}

static void host_off(struct sdei_vm *v)
{
	struct kvm_vcpu *vcpu = v->vcpu[0];
	u64 bmap = sdei_get_reg(vcpu, KVM_REG_ARM_STD_BMAP);
	int i, on;

	for (on = 1; on >= 0; on--) {
		expect_set(vcpu, KVM_REG_ARM_STD_BMAP,
			   on ? bmap : bmap & ~BIT(KVM_REG_ARM_STD_BIT_SDEI), 0);
		for (i = 0; i < NR_IDS; i++) {
			u64 id = SDEI_REG(i);

			TEST_ASSERT(is_listed(vcpu, id) == (on && is_sdei_reg(id)),
				    "register %#x is %s", (u16)id,
				    on ? "not listed" : "listed");
			if (!on)
				expect_off(vcpu, id);
		}
	}
	sdei_run_to(vcpu, UCALL_DONE);
	for (i = 0; i < NR_IDS; i++)
		expect_off(vcpu, SDEI_REG(i));
}

/*
 * State that is written before the bit is cleared, as it is by a VMM that writes
 * the registers in ascending order, is neither acted on nor checked: vCPU 0 has
 * an event to deliver, vCPU 1 one that is registered at 0.
 */
static void host_written_then_off(struct sdei_vm *v)
{
	struct sdei_state reset;
	int i;

	get_sdei_state(v->vcpu[0], &reset);
	expect_set(v->vcpu[0], ENTRY(EV), (u64)sdei_entry, 0);
	for (i = 0; i < 2; i++) {
		expect_set(v->vcpu[i], PE_STATE, 0, 0);
		expect_set(v->vcpu[i], STATE(EV),
			   EVENT_REGISTERED | EVENT_ENABLED | EVENT_PENDING, 0);
	}
	expect_set(v->vcpu[0], KVM_REG_ARM_STD_BMAP,
		   sdei_get_reg(v->vcpu[0], KVM_REG_ARM_STD_BMAP) &
		   ~BIT(KVM_REG_ARM_STD_BIT_SDEI), 0);
	for (i = 0; i < 2; i++) {
		sdei_run_to(v->vcpu[i], UCALL_DONE);
		TEST_ASSERT(!sdei_guest_var(v, sdei_handler[i].runs), "a handler ran");
		expect_sdei_state(v->vcpu[i], &reset);
	}
}

/* The version is the VM's, and stays once a vCPU has run */
static void guest_version(void)
{
	u64 version = *(const u64 *)sdei_test->data;

	GUEST_EXPECT(sdei(VERSION), version);
	GUEST_EXPECT(sdei(FEATURES, SDEI_FEATURE_RELATIVE_MODE),
		     version == SDEI_VERSION(1, 0) ? SDEI_INVALID_PARAMETERS : 0);
	GUEST_EXPECT(sdei(FEATURES, SDEI_FEATURE_BIND_SLOTS), 0);
	GUEST_DONE();
}

static void guest_saved_version(void)
{
	GUEST_SYNC(SYNC_SAVE);
	guest_version();
}

static void host_version(struct sdei_vm *v)
{
	u64 version = *(const u64 *)v->test->data;
	u64 other = SDEI_VERSION(1, 0) + SDEI_VERSION(1, 1) - version;
	struct saved saved;
	struct ucall uc;
	int i;

	expect_reg(v->vcpu[0], VERSION, SDEI_VERSION(1, 1));
	expect_set(v->vcpu[0], VERSION, other, 0);
	expect_reg(v->vcpu[1], VERSION, other);
	expect_set(v->vcpu[1], VERSION, version, 0);
	expect_set(v->vcpu[1], VERSION, SDEI_VERSION(1, 2), EINVAL);
	sdei_run_to(v->vcpu[0], UCALL_DONE);

	for (i = 0; i < 2; i++) {
		expect_reg(v->vcpu[i], VERSION, version);
		expect_set(v->vcpu[i], VERSION, version, 0);
		expect_set(v->vcpu[i], VERSION, other, EBUSY);
		expect_set(v->vcpu[i], VERSION, SDEI_VERSION(1, 2), EINVAL);
		expect_reg(v->vcpu[i], VERSION, version);
	}

	/* A reset of the VM doesn't make it new */
	sdei_vcpu_reset(v, 0, guest_version);
	expect_reg(v->vcpu[0], VERSION, version);
	expect_set(v->vcpu[0], VERSION, other, EBUSY);
	sdei_run_to(v->vcpu[0], UCALL_DONE);

	/* Nor does it where the VM is restored before it has run */
	sdei_vcpu_reset(v, 0, guest_saved_version);
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

/* KVM_ARM_VCPU_INIT resets everything that is the vCPU's */
static void host_reset(struct sdei_vm *v)
{
	struct sdei_state filled, reset = {};
	int i;

	expect_set(v->vcpu[0], VERSION, SDEI_VERSION(1, 0), 0);
	fill_sdei_state(&filled, EVENT_REGISTERED | EVENT_ENABLED | EVENT_RUNNING |
			EVENT_PENDING);
	filled.val[VERSION - SDEI_REG(0)] = SDEI_VERSION(1, 0);
	filled.val[PE_STATE - SDEI_REG(0)] = 0;
	reset.val[VERSION - SDEI_REG(0)] = SDEI_VERSION(1, 0);
	reset.val[PE_STATE - SDEI_REG(0)] = KVM_REG_ARM_SDEI_PE_MASKED;

	for (i = 0; i < 2; i++) {
		expect_sdei_state(v->vcpu[i], &reset);
		set_sdei_state(v->vcpu[i], &filled);
	}
	expect_sdei_state(v->vcpu[0], &filled);
	sdei_vcpu_reset(v, 0, NULL);
	expect_sdei_state(v->vcpu[0], &reset);
	expect_sdei_state(v->vcpu[1], &filled);
}

/* What only KVM_RUN can see: it doesn't run until that is mended */
static void guest_run(void)
{
	GUEST_DONE();
}

static void expect_run_fails(struct kvm_vcpu *vcpu)
{
	struct sdei_state before;
	int i, ret;

	get_sdei_state(vcpu, &before);
	for (i = 0; i < 3; i++) {
		ret = __vcpu_run(vcpu);
		TEST_ASSERT(ret == -1 && errno == EINVAL, "KVM_RUN: %d, %s", ret,
			    strerror(errno));
		expect_sdei_state(vcpu, &before);
	}
}

static void host_run_bad_entry(struct sdei_vm *v)
{
	int event;

	for (event = 0; event < NR_EVENTS; event++) {
		sdei_vcpu_reset(v, 0, guest_run);
		expect_set(v->vcpu[0], STATE(event), EVENT_REGISTERED, 0);
		expect_run_fails(v->vcpu[0]);
		expect_set(v->vcpu[0], ENTRY(event), (u64)sdei_entry, 0);
		sdei_run_to(v->vcpu[0], UCALL_DONE);
		/* It has run now */
		expect_set(v->vcpu[0], ENTRY(event), 0, 0);
		expect_run_fails(v->vcpu[0]);
		expect_set(v->vcpu[0], STATE(event), 0, 0);
		sdei_vcpu_reset(v, 0, guest_run);
		sdei_run_to(v->vcpu[0], UCALL_DONE);
	}
}

static void host_run_bad_context(struct sdei_vm *v)
{
	u64 pfr0 = sdei_get_reg(v->vcpu[0], KVM_ARM64_SYS_REG(SYS_ID_AA64PFR0_EL1));
	int prio;

	if ((pfr0 & 0xf) != 2) {
		ksft_print_msg("no AArch32 EL0\n");
		sdei_exit(KSFT_SKIP);
	}

	for (prio = 0; prio < NR_EVENTS; prio++) {
		sdei_vcpu_reset(v, 0, guest_run);
		expect_set(v->vcpu[0], ENTRY(prio), (u64)sdei_entry, 0);
		expect_set(v->vcpu[0], STATE(prio), EVENT_REGISTERED | EVENT_RUNNING, 0);
		expect_set(v->vcpu[0], CONTEXT_PC(prio), BIT_ULL(32), 0);
		expect_set(v->vcpu[0], CONTEXT_PSTATE(prio), PSR_MODE32_BIT, 0);
		expect_run_fails(v->vcpu[0]);
		expect_set(v->vcpu[0], CONTEXT_PC(prio), 0xfffffffc, 0);
		sdei_run_to(v->vcpu[0], UCALL_DONE);

		/* One that no handler will go back to can be anything */
		sdei_vcpu_reset(v, 0, guest_run);
		expect_set(v->vcpu[0], CONTEXT_PC(prio), BIT_ULL(32), 0);
		expect_set(v->vcpu[0], CONTEXT_PSTATE(prio), PSR_MODE32_BIT, 0);
		sdei_run_to(v->vcpu[0], UCALL_DONE);
	}
}

/* The VMM makes an event deliverable that was not */
static void guest_made_deliverable(void)
{
	sdei_register();
	GUEST_SYNC(0);
	GUEST_EXPECT(sdei_signal_self(), SDEI_SUCCESS);
	GUEST_ASSERT_EQ(sdei_this_handler()->runs, 0);
	GUEST_SYNC(0);
	GUEST_ASSERT_EQ(READ_ONCE(sdei_this_handler()->runs), 0);
	GUEST_SYNC(0);
	GUEST_ASSERT_EQ(READ_ONCE(sdei_this_handler()->runs), 1);
	GUEST_DONE();
}

static void host_made_deliverable(struct sdei_vm *v)
{
	struct kvm_vcpu *vcpu = v->vcpu[0];

	sdei_run_to(vcpu, UCALL_SYNC);
	sdei_run_to(vcpu, UCALL_SYNC);
	expect_reg(vcpu, STATE(EV), EVENT_REGISTERED | EVENT_PENDING);
	expect_set(vcpu, STATE(EV), EVENT_REGISTERED | EVENT_ENABLED, 0);
	expect_reg(vcpu, STATE(EV), EVENT_REGISTERED | EVENT_ENABLED | EVENT_PENDING);
	sdei_run_to(vcpu, UCALL_SYNC);
	expect_set(vcpu, PE_STATE, 0, 0);
	sdei_run_to(vcpu, UCALL_DONE);
}

static void host_not_pending(struct sdei_vm *v)
{
	struct kvm_vcpu *vcpu = v->vcpu[0];
	int event;

	for (event = 0; event < NR_EVENTS; event++) {
		expect_set(vcpu, STATE(event), EVENT_REGISTERED | EVENT_PENDING, 0);
		expect_set(vcpu, STATE(event), EVENT_REGISTERED, 0);
		expect_reg(vcpu, STATE(event), EVENT_REGISTERED | EVENT_PENDING);
		expect_set(vcpu, STATE(event), EVENT_RUNNING, 0);
		expect_reg(vcpu, STATE(event), EVENT_RUNNING);
		expect_set(vcpu, STATE(event), EVENT_REGISTERED, 0);
		expect_reg(vcpu, STATE(event), EVENT_REGISTERED);
	}
}

/*
 * The VMM reads registers of vCPU 1 and writes them back, while vCPU 0 signals to
 * it: again when the last signal has had its run, and some time later. Most rounds
 * do without the registers that have nothing to do with that event. In the others
 * vCPU 0 is held back, for a signal that surely comes between the two.
 */
#define NR_ROUNDS		10000
#define NR_ROUNDS_PER_ALL	50

static u64 sent __sdei_guest;
static int ready __sdei_guest, done __sdei_guest, held __sdei_guest;

static void handle_signal(struct sdei_handler *h)
{
	__GUEST_ASSERT(h->runs <= READ_ONCE(sent), "%lu runs, %lu signals", h->runs, sent);
}

static void guest_written_back(void)
{
	int i;

	sdei_setup(handle_signal);
	WRITE_ONCE(ready, 1);
	for (i = 0; i < NR_ROUNDS; i++)
		GUEST_SYNC(0);
	WRITE_ONCE(done, 1);
	sdei_wait_until(READ_ONCE(done) == 2);
	sdei_delay();
	GUEST_ASSERT_EQ(READ_ONCE(sdei_this_handler()->runs), sent);
	GUEST_EXPECT(sdei(EVENT_STATUS, SDEI_EVENT_SW_SIGNALED),
		     SDEI_EVENT_REGISTERED | SDEI_EVENT_ENABLED);
	GUEST_DONE();
}

static void guest_signaller(void)
{
	struct sdei_handler *target = &sdei_handler[1];
	u64 end;
	int i;

	sdei_wait_until(READ_ONCE(ready));
	while (!READ_ONCE(done)) {
		for (i = 0; i < sent % 512; i++)
			cpu_relax();
		sdei_wait_until(!READ_ONCE(held));
		WRITE_ONCE(sent, sent + 1);
		GUEST_EXPECT(sdei_signal(1), SDEI_SUCCESS);
		end = read_sysreg(cntvct_el0) + 10 * read_sysreg(cntfrq_el0);
		while (READ_ONCE(target->runs) < sent)
			__GUEST_ASSERT(read_sysreg(cntvct_el0) < end,
				       "signal %lu is lost", sent);
		GUEST_ASSERT_EQ(READ_ONCE(target->runs), sent);
	}
	WRITE_ONCE(done, 2);
	GUEST_DONE();
}

static bool is_pending(struct kvm_vcpu *vcpu)
{
	return sdei_get_reg(vcpu, STATE(EV)) & EVENT_PENDING;
}

/* With @held a signal comes in between. Whether the event became pending so. */
static bool write_back(struct kvm_vcpu *vcpu, const u64 *ids, int nr, int *held)
{
	bool was_pending = is_pending(vcpu);
	u64 val[NR_REGS];
	int i;

	for (i = 0; i < nr; i++)
		val[i] = sdei_get_reg(vcpu, ids[i]);

	if (held) {
		WRITE_ONCE(*held, 0);
		while (!is_pending(vcpu))
			;
	}

	for (i = 0; i < nr; i++)
		expect_set(vcpu, ids[i], val[i], 0);

	return !was_pending && is_pending(vcpu);
}

static void host_write_back(struct sdei_vm *v)
{
	static const u64 event_ids[] = { PE_STATE, STATE(EV), ENTRY(EV), ARG(EV) };
	pthread_t thread = sdei_start_vcpu(v->vcpu[0]);
	int *held_hva = addr_gva2hva(v->vm, (u64)&held);
	int round, i, nr = 0, hits = 0;
	u64 all_ids[NR_REGS];

	for (i = 0; i < NR_IDS; i++) {
		if (is_sdei_reg(SDEI_REG(i)))
			all_ids[nr++] = SDEI_REG(i);
	}

	for (round = 0; round < NR_ROUNDS; round++) {
		bool all = !(round % NR_ROUNDS_PER_ALL);

		alarm(SDEI_TIMEOUT_SEC);
		if (all)
			WRITE_ONCE(*held_hva, 1);
		sdei_run_to(v->vcpu[1], UCALL_SYNC);
		if (all)
			hits += write_back(v->vcpu[1], all_ids, nr, held_hva);
		else
			write_back(v->vcpu[1], event_ids, ARRAY_SIZE(event_ids), NULL);
	}
	sdei_run_to(v->vcpu[1], UCALL_DONE);
	pthread_join(thread, NULL);
	TEST_ASSERT(hits, "no signal came between a read and a write");
}

/* A signal that comes while the event is unregistered leaves nothing behind */
#define NR_UNREGISTERS		1000

static void guest_unregister(void)
{
	int i;

	WRITE_ONCE(ready, 1);
	for (i = 0; i < NR_UNREGISTERS; i++) {
		sdei_register();
		GUEST_EXPECT(sdei(EVENT_UNREGISTER, SDEI_EVENT_SW_SIGNALED), SDEI_SUCCESS);
		GUEST_SYNC(0);
	}
	WRITE_ONCE(done, 1);
	GUEST_DONE();
}

static void guest_signal_unregistered(void)
{
	u64 ret;

	sdei_wait_until(READ_ONCE(ready));
	while (!READ_ONCE(done)) {
		ret = sdei_signal(1);
		GUEST_ASSERT(!ret || ret == (u64)SDEI_INVALID_PARAMETERS);
	}
	GUEST_DONE();
}

static void host_unregister(struct sdei_vm *v)
{
	pthread_t thread = sdei_start_vcpu(v->vcpu[0]);
	int i;

	for (i = 0; i < NR_UNREGISTERS; i++) {
		alarm(SDEI_TIMEOUT_SEC);
		sdei_run_to(v->vcpu[1], UCALL_SYNC);
		expect_reg(v->vcpu[1], STATE(EV), 0);
		expect_set(v->vcpu[1], STATE(EV), 0, 0);
	}
	sdei_run_to(v->vcpu[1], UCALL_DONE);
	pthread_join(thread, NULL);
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
#define BAD_BITS(_name, _id, _val, _bits)				\
	{								\
		.name = _name ": EINVAL, nothing changed",		\
		.host = host_bad,					\
		.data = &(const struct bad){				\
			.id = _id, .val = _val, .bits = _bits, .err = EINVAL, \
		},							\
	}
#define BAD(_name, _id, _val)	BAD_BITS(_name, _id, _val, 0)
#define BAD_PSTATE(_name, _val)	BAD(_name, CONTEXT_PSTATE(NMI), _val)

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

	BAD_BITS("PE_STATE with an unknown bit", PE_STATE, 0, ~1ULL),
	BAD_BITS("PE_STATE with an unknown bit, masked", PE_STATE, 1, ~1ULL),
	BAD_BITS("EVENT_STATE with an unknown bit", STATE(EV), EVENT_REGISTERED, ~0xfULL),
	BAD_BITS("EVENT_STATE of the NMI with an unknown bit", STATE(NMI), 0, ~0xfULL),
	BAD("EVENT_STATE enabled, not registered", STATE(EV), EVENT_ENABLED),
	BAD("EVENT_STATE pending, not registered", STATE(EV), EVENT_PENDING),
	BAD("EVENT_STATE enabled, running, not registered", STATE(EV),
	    EVENT_ENABLED | EVENT_RUNNING),
	BAD("EVENT_STATE pending, running, not registered", STATE(NMI),
	    EVENT_PENDING | EVENT_RUNNING),
	BAD("EVENT_STATE all but registered", STATE(NMI),
	    EVENT_ENABLED | EVENT_PENDING | EVENT_RUNNING),
	BAD_BITS("EVENT_ENTRY misaligned", ENTRY(EV), (u64)0xffff800000000000, 3),
	BAD_BITS("EVENT_ENTRY of the NMI misaligned", ENTRY(NMI), 0, 3),
	BAD_PSTATE("CONTEXT_PSTATE EL2t", PSR_MODE_EL2t),
	BAD_PSTATE("CONTEXT_PSTATE EL2h", PSR_MODE_EL2h),
	BAD_PSTATE("CONTEXT_PSTATE EL3t", PSR_MODE_EL3t),
	BAD_PSTATE("CONTEXT_PSTATE EL3h", PSR_MODE_EL3h),
	BAD("CONTEXT_PSTATE of event 0 EL2h", CONTEXT_PSTATE(EV), PSR_MODE_EL2h),
	BAD_PSTATE("CONTEXT_PSTATE EL0 with SPSel", PSR_MODE_EL0t | 1),
	BAD_PSTATE("CONTEXT_PSTATE mode 0x6", 0x6),
	BAD_PSTATE("CONTEXT_PSTATE AArch32 FIQ", 0x11),
	BAD_PSTATE("CONTEXT_PSTATE AArch32 IRQ", 0x12),
	BAD_PSTATE("CONTEXT_PSTATE AArch32 SVC", 0x13),
	BAD_PSTATE("CONTEXT_PSTATE AArch32 MON", 0x16),
	BAD_PSTATE("CONTEXT_PSTATE AArch32 ABT", 0x17),
	BAD_PSTATE("CONTEXT_PSTATE AArch32 HYP", 0x1a),
	BAD_PSTATE("CONTEXT_PSTATE AArch32 UND", 0x1b),
	BAD_PSTATE("CONTEXT_PSTATE AArch32 SYS", 0x1f),
	BAD_BITS("CONTEXT_PSTATE with a reserved bit", CONTEXT_PSTATE(NMI), PSR_MODE_EL1h,
		 GENMASK_ULL(63, 32) | GENMASK_ULL(27, 26) | GENMASK_ULL(19, 13) | BIT(5)),
	BAD_BITS("CONTEXT_PSTATE AArch32 USR with a reserved bit", CONTEXT_PSTATE(EV),
		 PSR_MODE32_BIT, GENMASK_ULL(63, 32)),
	BAD("VERSION 0", VERSION, 0),
	BAD("VERSION 0.9", VERSION, SDEI_VERSION(0, 9)),
	BAD("VERSION 1.2", VERSION, SDEI_VERSION(1, 2)),
	BAD("VERSION 2.0", VERSION, SDEI_VERSION(2, 0)),
	BAD("VERSION 1.1 of another vendor", VERSION, SDEI_VERSION(1, 1) ^ 1),
	BAD("VERSION 1.1, bit 63 set", VERSION, SDEI_VERSION(1, 1) | BIT_ULL(63)),
	{
		.name = "CONTEXT_PSTATE EL0, EL1t, EL1h, with all bits they can have: read back",
		.host = host_good_pstate,
	}, {
		.name = "CONTEXT_PSTATE AArch32 USR: EINVAL if the CPU has none, else read back",
		.host = host_aarch32_pstate,
	}, {
		.name = "Registers of other ids and sizes: ENOENT",
		.host = host_no_reg,
	}, {
		.name = "STD_BMAP without SDEI: not listed, a new value is ENOENT, no calls",
		.guest = { guest_off },
		.host = host_off,
		.own_vm = true,
	}, {
		.name = "STD_BMAP without SDEI after its registers were written: as if they were not",
		.guest = { guest_off, guest_off },
		.host = host_written_then_off,
		.own_vm = true,
	}, {
		.name = "VERSION 1.0: the guest's SDEI_VERSION is, EBUSY for 1.1 when it has run",
		.guest = { guest_version },
		.host = host_version,
		.data = &(const u64){ SDEI_VERSION(1, 0) },
		.own_vm = true,
	}, {
		.name = "VERSION 1.1: the guest's SDEI_VERSION is, EBUSY for 1.0 when it has run",
		.guest = { guest_version },
		.host = host_version,
		.data = &(const u64){ SDEI_VERSION(1, 1) },
		.own_vm = true,
	}, {
		.name = "KVM_ARM_VCPU_INIT: masked, all registers 0, the version stays",
		.host = host_reset,
		.own_vm = true,
	}, {
		.name = "KVM_RUN with an event registered at 0: EINVAL, runs when mended",
		.guest = { guest_run },
		.host = host_run_bad_entry,
	}, {
		.name = "KVM_RUN with an AArch32 context at 0x100000000: EINVAL, runs when mended",
		.guest = { guest_run },
		.host = host_run_bad_context,
	}, {
		.name = "EVENT_STATE enabled, PE_STATE 0 written: what was pending runs",
		.guest = { guest_made_deliverable },
		.host = host_made_deliverable,
	}, {
		.name = "EVENT_STATE without pending: still is, unless it is unregistered",
		.host = host_not_pending,
	}, {
		.name = "Registers written back against SIGNAL, 10000 times: no run lost or added",
		.guest = { guest_signaller, guest_written_back },
		.host = host_write_back,
	}, {
		.name = "UNREGISTER against SIGNAL, 1000 times: EVENT_STATE reads as 0",
		.guest = { guest_signal_unregistered, guest_unregister },
		.host = host_unregister,
	},
};

int main(void)
{
	return sdei_regs_main(tests, ARRAY_SIZE(tests));
}
