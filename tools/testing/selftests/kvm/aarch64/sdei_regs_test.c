// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SDEI state of a vCPU as firmware pseudo-registers: valid values are read back,
 * others are refused, and no signal is lost to a VMM that writes back what it has
 * read. The tests treat all of KVM's events alike.
 */
#include "sdei.h"

#define VERSION			KVM_REG_ARM_SDEI_VERSION
#define VERSION_1_0		KVM_REG_ARM_SDEI_VERSION_1_0
#define VERSION_1_1		KVM_REG_ARM_SDEI_VERSION_1_1
#define PE_STATE		KVM_REG_ARM_SDEI_PE_STATE
#define STATE(_event)		SDEI_STATE(_event)
#define ENTRY(_event)		KVM_REG_ARM_SDEI_EVENT_ENTRY(_event)
#define ARG(_event)		KVM_REG_ARM_SDEI_EVENT_ARG(_event)
#define CONTEXT(_prio, _n)	KVM_REG_ARM_SDEI_CONTEXT_X(_prio, _n)
#define CONTEXT_PSTATE(_prio)	KVM_REG_ARM_SDEI_CONTEXT_PSTATE(_prio)

/* Those that KVM doesn't know */
#define SDEI_VERSION(_major, _minor)					\
	((u64)(_major) << SDEI_VERSION_MAJOR_SHIFT |			\
	 (u64)(_minor) << SDEI_VERSION_MINOR_SHIFT | (u32)VERSION_1_0)

/* Some VMMs have memory for 500 registers, and no more; leave some to spare */
#define MAX_LISTED		480

static void set_state(struct kvm_vcpu *vcpu, const struct sdei_state *state)
{
	int n;

	for (n = 0; n < SDEI_NR_IDS; n++) {
		if (state->is_reg[n])
			sdei_expect_set(vcpu, SDEI_REG(n), state->val[n], 0);
	}
}

/* The registers are filled, with the same state in all events */
static void fill_state(struct kvm_vcpu *vcpu, struct sdei_state *state, u64 event_state)
{
	unsigned int i, n, nr = sdei_nr_events(vcpu);

	sdei_get_state(vcpu, state);
#define FILL(_id, _val)	(state->val[(_id) - SDEI_REG(0)] = (_val))
	for (n = CONTEXT(0, 0) - SDEI_REG(0); n < SDEI_NR_IDS; n++)
		state->val[n] = 0x1122334455667700 + n;
	FILL(VERSION, VERSION_1_1);
	FILL(PE_STATE, KVM_REG_ARM_SDEI_PE_MASKED);
	for (i = 0; i < nr; i++) {
		FILL(STATE(i), event_state);
		FILL(ENTRY(i), 0xffff800012345670 + 4 * i);
		FILL(ARG(i), 0x8877665544332211 + i);
		FILL(CONTEXT_PSTATE(i), PSR_N_BIT << i | PSR_MODE_EL1h);
	}
	set_state(vcpu, state);
	sdei_expect_state(vcpu, state);
}

/* What is refused changes nothing on a vCPU that has something in all registers */
static void host_refused(struct sdei_vm *v)
{
	void (*refused)(struct kvm_vcpu *vcpu) = v->test->data;
	struct sdei_state before;

	fill_state(v->vcpu[0], &before, EVENT_READY | EVENT_RUNNING);
	refused(v->vcpu[0]);
	sdei_expect_state(v->vcpu[0], &before);
}

static void bad_pe_state(struct kvm_vcpu *vcpu)
{
	int bit;

	for (bit = 1; bit < 64; bit++) {
		sdei_expect_set(vcpu, PE_STATE, BIT_ULL(bit), EINVAL);
		sdei_expect_set(vcpu, PE_STATE, BIT_ULL(bit) | 1, EINVAL);
	}
}

/* An unknown bit, or what takes a registered event */
static void bad_event_state(struct kvm_vcpu *vcpu)
{
	unsigned int bit, event, nr = sdei_nr_events(vcpu);
	u64 val;

	for (event = 0; event < nr; event++) {
		for (bit = 4; bit < 64; bit++)
			sdei_expect_set(vcpu, STATE(event), EVENT_REGISTERED | BIT_ULL(bit),
					EINVAL);
		for (val = 0; val < BIT(4); val++) {
			if (!(val & EVENT_REGISTERED) && val & (EVENT_ENABLED | EVENT_PENDING))
				sdei_expect_set(vcpu, STATE(event), val, EINVAL);
		}
	}
}

static void bad_entry(struct kvm_vcpu *vcpu)
{
	unsigned int i, event, nr = sdei_nr_events(vcpu);

	for (event = 0; event < nr; event++) {
		for (i = 1; i < 4; i++) {
			sdei_expect_set(vcpu, ENTRY(event), i, EINVAL);
			sdei_expect_set(vcpu, ENTRY(event), 0xffff800000000000 + i, EINVAL);
		}
	}
}

static void bad_version(struct kvm_vcpu *vcpu)
{
	static const u64 versions[] = {
		0, SDEI_VERSION(0, 9), SDEI_VERSION(1, 2), SDEI_VERSION(2, 0),
		VERSION_1_1 ^ 1, VERSION_1_1 | BIT_ULL(63),
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(versions); i++)
		sdei_expect_set(vcpu, VERSION, versions[i], EINVAL);
}

static void expect_no_reg(struct kvm_vcpu *vcpu, u64 id)
{
	u64 val[32] = {};
	int ret = __vcpu_get_reg(vcpu, id, val);

	TEST_ASSERT(ret == -1 && errno == ENOENT, "reading %#lx: %d, %s", (unsigned long)id,
		    ret, strerror(errno));
	sdei_expect_set(vcpu, id, 0, ENOENT);
}

static void no_reg(struct kvm_vcpu *vcpu)
{
	struct sdei_state state;
	int n;

	sdei_get_state(vcpu, &state);
	for (n = 0; n < SDEI_NR_IDS; n++) {
		u64 id = SDEI_REG(n);

		if (!state.is_reg[n]) {
			expect_no_reg(vcpu, id);
			continue;
		}
		id &= ~KVM_REG_SIZE_MASK;
		expect_no_reg(vcpu, id | KVM_REG_SIZE_U32);
		expect_no_reg(vcpu, id | KVM_REG_SIZE_U128);
	}
	expect_no_reg(vcpu, SDEI_REG(-1));
	expect_no_reg(vcpu, SDEI_REG(SDEI_NR_IDS));
	expect_no_reg(vcpu, KVM_REG_ARM_FW_REG(0xffff));
}

/* No mode but these, AArch32 at EL0 if the CPU has it; any bits outside of the mode */
static void host_pstate(struct sdei_vm *v)
{
	static const u64 others[] = { 0, GENMASK_ULL(63, 5) };
	u64 pfr0 = vcpu_get_reg(v->vcpu[0], KVM_ARM64_SYS_REG(SYS_ID_AA64PFR0_EL1));
	unsigned int mode, i, prio, nr = sdei_nr_events(v->vcpu[0]);
	struct kvm_vcpu *vcpu = v->vcpu[0];

	for (prio = 0; prio < nr; prio++) {
		for (mode = 0; mode < 0x20; mode++) {
			bool good = mode == PSR_MODE_EL0t || mode == PSR_MODE_EL1t ||
				    mode == PSR_MODE_EL1h ||
				    (mode == PSR_MODE32_BIT && (pfr0 & 0xf) == 2);

			for (i = 0; i < ARRAY_SIZE(others); i++) {
				u64 pstate = mode | others[i];

				sdei_expect_set(vcpu, CONTEXT_PSTATE(prio), 0, 0);
				sdei_expect_set(vcpu, CONTEXT_PSTATE(prio), pstate,
						good ? 0 : EINVAL);
				sdei_expect_reg(vcpu, CONTEXT_PSTATE(prio), good ? pstate : 0);
			}
		}
	}
}

/* For each event its state, entry, and argument, for each priority a context */
static void host_list(struct sdei_vm *v)
{
	unsigned int n, nr = sdei_nr_events(v->vcpu[0]);
	struct sdei_state state;

	TEST_ASSERT(nr, "no event is listed");
	sdei_get_state(v->vcpu[0], &state);
	for (n = 0; n < SDEI_NR_IDS; n++) {
		u64 id = SDEI_REG(n);
		bool is_reg = id == VERSION || id == PE_STATE ||
			      (id >= STATE(0) && id < STATE(nr)) ||
			      (id >= ENTRY(0) && id < ENTRY(nr)) ||
			      (id >= ARG(0) && id < ARG(nr)) ||
			      (id >= CONTEXT(0, 0) && id < CONTEXT(nr, 0));

		TEST_ASSERT(state.is_reg[n] == is_reg, "register %#x is%s listed", 0x100 + n,
			    is_reg ? " not" : "");
	}
}

static u64 nr_listed(struct kvm_vcpu *vcpu)
{
	struct kvm_reg_list list = {};
	int ret = __vcpu_ioctl(vcpu, KVM_GET_REG_LIST, &list);

	TEST_ASSERT(ret == -1 && errno == E2BIG, "KVM_GET_REG_LIST: %d, %s", ret, strerror(errno));
	return list.n;
}

/*
 * A VMM that has too little memory for the list can't migrate any guest, whether that uses
 * SDEI or not: 409 registers when SDEI came, on a vCPU that has all these features.
 */
static void host_nr_listed(struct sdei_vm *unused)
{
	static const struct { u32 cap, feature; } features[] = {
		{ KVM_CAP_ARM_PMU_V3, KVM_ARM_VCPU_PMU_V3 },
		{ KVM_CAP_ARM_SVE, KVM_ARM_VCPU_SVE },
		{ KVM_CAP_ARM_PTRAUTH_ADDRESS, KVM_ARM_VCPU_PTRAUTH_ADDRESS },
		{ KVM_CAP_ARM_PTRAUTH_GENERIC, KVM_ARM_VCPU_PTRAUTH_GENERIC },
	};
	int i, sve = KVM_ARM_VCPU_SVE;
	struct kvm_vcpu *vcpu;
	u32 all = 0;
	u64 nr;

	for (i = 0; i < ARRAY_SIZE(features); i++) {
		if (kvm_has_cap(features[i].cap))
			all |= BIT(features[i].feature);
	}
	vcpu = sdei_add_bare_vcpu(all);
	if (all & BIT(KVM_ARM_VCPU_SVE))
		vcpu_ioctl(vcpu, KVM_ARM_VCPU_FINALIZE, &sve);

	nr = nr_listed(vcpu);
	ksft_print_msg("%lu registers, features %#x\n", (unsigned long)nr, all);
	TEST_ASSERT(nr < MAX_LISTED, "%lu registers", (unsigned long)nr);
}

/* A list in which there is no memory for one of these ids, and those that follow it */
static void host_cut_list(struct sdei_vm *v)
{
	struct kvm_reg_list *list = vcpu_get_reg_list(v->vcpu[0]), *cut;
	size_t page = getpagesize();
	size_t size = align_up(sizeof(*list) + list->n * sizeof(u64), page);
	void *mem = kvm_mmap(size + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	unsigned int i;
	int ret;

	munmap(mem + size, page);
	for (i = 0; i < list->n; i++) {
		if (list->reg[i] < SDEI_REG(0) || list->reg[i] >= SDEI_REG(SDEI_NR_IDS))
			continue;
		cut = mem + size - sizeof(*cut) - i * sizeof(u64);
		cut->n = list->n;
		ret = __vcpu_ioctl(v->vcpu[0], KVM_GET_REG_LIST, cut);
		TEST_ASSERT(ret == -1 && errno == EFAULT, "%u of %u ids: %d, %s", i,
			    (unsigned int)list->n, ret, strerror(errno));
	}
}

/* Without the feature there are no calls, and nothing in the list */
static void guest_off(void)
{
	GUEST_EXPECT(sdei(VERSION), SDEI_NOT_SUPPORTED);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_NOT_SUPPORTED);
}

/* Another value, one that a vCPU with SDEI could have */
static u64 other_value(u64 id, u64 val)
{
	if (id == VERSION)
		return VERSION_1_0 + VERSION_1_1 - val;
	if (id == PE_STATE || (id >= STATE(0) && id < STATE(SDEI_MAX_EVENTS)))
		return val ^ BIT(0);
	return val ^ BIT(2);
}

/* A VMM that has the list from before may write back what it reads, no more */
static void expect_off(struct kvm_vcpu *vcpu, const struct sdei_state *regs)
{
	struct sdei_state state;
	int n;

	sdei_get_state(vcpu, &state);
	TEST_ASSERT_EQ(state.nr, 0);
	for (n = 0; n < SDEI_NR_IDS; n++) {
		u64 id = SDEI_REG(n), val;

		if (!regs->is_reg[n]) {
			expect_no_reg(vcpu, id);
			continue;
		}
		val = vcpu_get_reg(vcpu, id);
		sdei_expect_set(vcpu, id, val, 0);
		sdei_expect_set(vcpu, id, other_value(id, val), EINVAL);
		sdei_expect_set(vcpu, id, ~val, EINVAL);
		sdei_expect_reg(vcpu, id, val);
	}
}

static void host_aarch32_el1(struct sdei_vm *v)
{
	struct sdei_state regs;

	sdei_get_state(v->vcpu[0], &regs);
	expect_off(sdei_add_aarch32_vcpu(), &regs);
}

static void host_off(struct sdei_vm *v)
{
	struct kvm_vcpu *vcpu = v->vcpu[0];
	u64 nr = nr_listed(vcpu);
	struct sdei_state regs;

	sdei_get_state(vcpu, &regs);
	sdei_turn_off(vcpu);
	TEST_ASSERT_EQ(nr_listed(vcpu), nr - regs.nr);
	expect_off(vcpu, &regs);
	sdei_run_to(vcpu, UCALL_DONE);
	expect_off(vcpu, &regs);
}

/*
 * State that is written before the bit is cleared, as it is by a VMM that writes the
 * registers in ascending order, stays and does nothing: all events could be delivered,
 * and the vCPU sleeps.
 */
static void guest_off_asleep(void)
{
	sdei_wfi_until_timer();
	guest_off();
}

static void host_written_then_off(struct sdei_vm *v)
{
	unsigned int event, nr = sdei_nr_events(v->vcpu[0]);
	struct sdei_state state;

	for (event = 0; event < nr; event++) {
		sdei_expect_set(v->vcpu[0], ENTRY(event), (u64)sdei_entry, 0);
		sdei_expect_set(v->vcpu[0], STATE(event), EVENT_READY | EVENT_PENDING, 0);
	}
	sdei_expect_set(v->vcpu[0], PE_STATE, 0, 0);
	sdei_get_state(v->vcpu[0], &state);
	sdei_turn_off(v->vcpu[0]);
	sdei_run_to(v->vcpu[0], UCALL_DONE);
	sdei_expect_state(v->vcpu[0], &state);
	expect_off(v->vcpu[0], &state);
}

/* The version is the VM's, and stays once a vCPU has run */
static void guest_version(void)
{
	u64 version = *(const u64 *)sdei_test->data;

	GUEST_EXPECT(sdei(VERSION), version);
	GUEST_EXPECT(sdei(FEATURES, SDEI_FEATURE_RELATIVE_MODE),
		     version == VERSION_1_0 ? SDEI_INVALID_PARAMETERS : 0);
	GUEST_EXPECT(sdei(FEATURES, SDEI_FEATURE_BIND_SLOTS), 0);
}

static void host_version(struct sdei_vm *v)
{
	u64 version = *(const u64 *)v->test->data;
	u64 other = VERSION_1_0 + VERSION_1_1 - version;
	int i;

	sdei_expect_reg(v->vcpu[0], VERSION, VERSION_1_1);
	sdei_expect_set(v->vcpu[0], VERSION, other, 0);
	sdei_expect_reg(v->vcpu[1], VERSION, other);
	sdei_expect_set(v->vcpu[1], VERSION, version, 0);
	sdei_expect_set(v->vcpu[1], VERSION, SDEI_VERSION(1, 2), EINVAL);
	sdei_run_to(v->vcpu[0], UCALL_DONE);

	for (i = 0; i < 2; i++) {
		sdei_expect_reg(v->vcpu[i], VERSION, version);
		sdei_expect_set(v->vcpu[i], VERSION, version, 0);
		sdei_expect_set(v->vcpu[i], VERSION, other, EBUSY);
		sdei_expect_set(v->vcpu[i], VERSION, SDEI_VERSION(1, 2), EINVAL);
		sdei_expect_reg(v->vcpu[i], VERSION, version);
	}

	/* A reset of the VM doesn't make it new */
	sdei_vcpu_reset(v, 0, guest_version);
	sdei_expect_reg(v->vcpu[0], VERSION, version);
	sdei_expect_set(v->vcpu[0], VERSION, other, EBUSY);
	sdei_run_to(v->vcpu[0], UCALL_DONE);
}

/* KVM_ARM_VCPU_INIT resets everything that is the vCPU's */
static void host_reset(struct sdei_vm *v)
{
	struct sdei_state reset, filled;

	sdei_expect_set(v->vcpu[0], VERSION, VERSION_1_0, 0);
	sdei_get_state(v->vcpu[0], &reset);
	memset(reset.val, 0, sizeof(reset.val));
	reset.val[VERSION - SDEI_REG(0)] = VERSION_1_0;
	reset.val[PE_STATE - SDEI_REG(0)] = KVM_REG_ARM_SDEI_PE_MASKED;
	sdei_expect_state(v->vcpu[0], &reset);
	sdei_expect_state(v->vcpu[1], &reset);

	fill_state(v->vcpu[0], &filled, EVENT_READY | EVENT_RUNNING | EVENT_PENDING);
	fill_state(v->vcpu[1], &filled, EVENT_READY | EVENT_RUNNING | EVENT_PENDING);
	sdei_expect_set(v->vcpu[0], VERSION, VERSION_1_0, 0);
	filled.val[VERSION - SDEI_REG(0)] = VERSION_1_0;
	sdei_expect_set(v->vcpu[0], PE_STATE, 0, 0);
	sdei_vcpu_reset(v, 0, NULL);
	sdei_expect_state(v->vcpu[0], &reset);
	sdei_expect_state(v->vcpu[1], &filled);
}

/* KVM accepts what harms only the guest: its handler is entered at 0 */
static void handle_abort(struct ex_regs *regs)
{
	GUEST_ASSERT_EQ(regs->pc, 0);
	GUEST_DONE();
}

static void guest_entry_0(void)
{
	GUEST_FAIL("The handler was not entered");
}

static void host_entry_0(struct sdei_vm *v)
{
	unsigned int event, nr = sdei_nr_events(v->vcpu[0]);

	vm_install_sync_handler(v->vm, VECTOR_SYNC_CURRENT, ESR_ELx_EC_IABT_CUR, handle_abort);
	for (event = 0; event < nr; event++) {
		sdei_vcpu_reset(v, 0, guest_entry_0);
		sdei_expect_set(v->vcpu[0], PE_STATE, 0, 0);
		sdei_expect_set(v->vcpu[0], STATE(event), EVENT_READY | EVENT_PENDING, 0);
		sdei_run_to(v->vcpu[0], UCALL_DONE);
		sdei_expect_reg(v->vcpu[0], STATE(event), EVENT_READY | EVENT_RUNNING);
	}
}

/* The VMM makes an event deliverable that was not, or pending */
static void guest_made_deliverable(void)
{
	sdei_register(EV, sdei_this_handler(), NULL);
	GUEST_SYNC(0);
	sdei_signal_self();
	GUEST_ASSERT_EQ(sdei_own_runs(), 0);
	GUEST_SYNC(0);
	GUEST_ASSERT_EQ(sdei_own_runs(), 0);
	GUEST_SYNC(0);
	GUEST_ASSERT_EQ(sdei_own_runs(), 1);
	GUEST_SYNC(0);
	GUEST_ASSERT_EQ(sdei_own_runs(), 2);
}

static void host_made_deliverable(struct sdei_vm *v)
{
	struct kvm_vcpu *vcpu = v->vcpu[0];

	sdei_run_to(vcpu, UCALL_SYNC);
	sdei_run_to(vcpu, UCALL_SYNC);
	sdei_expect_reg(vcpu, STATE(EV), EVENT_REGISTERED | EVENT_PENDING);
	sdei_expect_set(vcpu, STATE(EV), EVENT_READY, 0);
	sdei_expect_reg(vcpu, STATE(EV), EVENT_READY | EVENT_PENDING);
	sdei_run_to(vcpu, UCALL_SYNC);
	sdei_expect_set(vcpu, PE_STATE, 0, 0);
	sdei_run_to(vcpu, UCALL_SYNC);
	sdei_expect_set(vcpu, STATE(EV), EVENT_READY | EVENT_PENDING, 0);
	sdei_run_to(vcpu, UCALL_DONE);
}

static void host_not_pending(struct sdei_vm *v)
{
	unsigned int event, nr = sdei_nr_events(v->vcpu[0]);
	struct kvm_vcpu *vcpu = v->vcpu[0];

	for (event = 0; event < nr; event++) {
		sdei_expect_set(vcpu, STATE(event), EVENT_REGISTERED | EVENT_PENDING, 0);
		sdei_expect_set(vcpu, STATE(event), EVENT_REGISTERED, 0);
		sdei_expect_reg(vcpu, STATE(event), EVENT_REGISTERED | EVENT_PENDING);
		sdei_expect_set(vcpu, STATE(event), EVENT_RUNNING, 0);
		sdei_expect_reg(vcpu, STATE(event), EVENT_RUNNING);
		sdei_expect_set(vcpu, STATE(event), EVENT_REGISTERED, 0);
		sdei_expect_reg(vcpu, STATE(event), EVENT_REGISTERED);
	}
}

/*
 * The VMM reads the registers of vCPU 0 and writes them back. vCPU 1 signals to it before
 * that, in the middle, or after it: one run each.
 */
static void guest_written_back(void)
{
	int i;

	sdei_setup(NULL);
	for (i = 1; i <= 3; i++) {
		GUEST_SYNC(0);
		sdei_any_call();
		GUEST_ASSERT_EQ(sdei_own_runs(), i);
		GUEST_EXPECT(sdei(EVENT_STATUS, EV), ST_ENABLED);
	}
}

static void host_write_back(struct sdei_vm *v)
{
	struct sdei_state state;
	int when;

	for (when = 0; when < 3; when++) {
		sdei_run_to(v->vcpu[0], UCALL_SYNC);
		if (when == 0)
			sdei_run_to(v->vcpu[1], UCALL_SYNC);
		sdei_get_state(v->vcpu[0], &state);
		if (when == 1)
			sdei_run_to(v->vcpu[1], UCALL_SYNC);
		set_state(v->vcpu[0], &state);
		if (when == 2)
			sdei_run_to(v->vcpu[1], UCALL_SYNC);
	}
	sdei_run_to(v->vcpu[0], UCALL_DONE);
}

#define REFUSED(_name, _fn)	SDEI_TEST_DATA(_name, _fn, host_refused)
#define SEEN(_name, _version)						\
	SDEI_TEST_DATA(_name ", the guest sees it, it stays", (&(const u64){ _version }), \
		       host_version, guest_version, guest_version)

static const struct sdei_test tests[] = {
	REFUSED("PE_STATE, an unknown bit is EINVAL", bad_pe_state),
	REFUSED("EVENT_STATE, unknown bits, not registered, is EINVAL", bad_event_state),
	REFUSED("EVENT_ENTRY, misaligned, is EINVAL", bad_entry),
	REFUSED("VERSION, but for 1.0 and 1.1, is EINVAL", bad_version),
	REFUSED("other ids and sizes are ENOENT", no_reg),
	SDEI_TEST("CONTEXT_PSTATE, EL0 and EL1 read back, others are EINVAL", host_pstate),
	SDEI_TEST("KVM_GET_REG_LIST has the registers of each event", host_list),
	SDEI_TEST("KVM_GET_REG_LIST has less than 480 registers", host_nr_listed),
	SDEI_TEST("KVM_GET_REG_LIST to memory that ends is EFAULT", host_cut_list),
	SDEI_TEST("AArch32 EL1, not listed, a new value is EINVAL", host_aarch32_el1),
	SDEI_TEST("feature bit cleared, not listed, a new value is EINVAL", host_off, guest_off),
	SDEI_TEST("feature bit cleared, what was written has no effect", host_written_then_off,
		  guest_off_asleep),
	SEEN("VERSION 1.0", VERSION_1_0),
	SEEN("VERSION 1.1", VERSION_1_1),
	SDEI_TEST("KVM_ARM_VCPU_INIT, masked, the others are 0", host_reset, guest_off, guest_off),
	SDEI_TEST("EVENT_ENTRY 0, the handler is entered there", host_entry_0, guest_entry_0),
	SDEI_TEST("EVENT_STATE, PE_STATE, what they let through runs", host_made_deliverable,
		  guest_made_deliverable),
	SDEI_TEST("EVENT_STATE without pending, still is if registered", host_not_pending),
	SDEI_TEST("written back against SIGNAL, no run lost or added", host_write_back,
		  guest_written_back, sdei_signaller),
};

int main(void)
{
	return sdei_main(tests, ARRAY_SIZE(tests));
}
