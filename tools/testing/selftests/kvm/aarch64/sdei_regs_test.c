// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SDEI state of a vCPU as firmware pseudo-registers: what can be is read
 * back, what can't be is refused.
 */
#include "sdei_state.h"

/* Exception class, ESR_EL1.EC */
#define EC_INST_ABORT		0x21

/* Those that KVM doesn't know */
#define SDEI_VERSION(_major, _minor)					\
	((u64)(_major) << SDEI_VERSION_MAJOR_SHIFT |			\
	 (u64)(_minor) << SDEI_VERSION_MINOR_SHIFT | (u32)VERSION_1_0)

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
	FILL(VERSION, VERSION_1_1);
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

/* Any bit outside of the mode, one by one and all at once, for either priority */
static void expect_good_pstate(struct kvm_vcpu *vcpu, u64 mode)
{
	int bit, prio;

	for (prio = 0; prio < NR_EVENTS; prio++) {
		for (bit = 4; bit <= 64; bit++) {
			u64 pstate = mode | (bit == 4 ? 0 : bit == 64 ?
					     GENMASK_ULL(63, 5) : BIT_ULL(bit));

			expect_set(vcpu, CONTEXT_PSTATE(prio), pstate, 0);
			expect_reg(vcpu, CONTEXT_PSTATE(prio), pstate);
		}
	}
}

static void host_good_pstate(struct sdei_vm *v)
{
	expect_good_pstate(v->vcpu[0], PSR_MODE_EL0t);
	expect_good_pstate(v->vcpu[0], PSR_MODE_EL1t);
	expect_good_pstate(v->vcpu[0], PSR_MODE_EL1h);
}

/* AArch32 at EL0, if the CPU has it */
static void host_aarch32_pstate(struct sdei_vm *v)
{
	u64 pfr0 = sdei_get_reg(v->vcpu[0], KVM_ARM64_SYS_REG(SYS_ID_AA64PFR0_EL1));

	if ((pfr0 & 0xf) == 2) {
		expect_good_pstate(v->vcpu[0], PSR_MODE32_BIT);
		return;
	}
	expect_set(v->vcpu[0], CONTEXT_PSTATE(NMI), PSR_MODE32_BIT, EINVAL);
	expect_reg(v->vcpu[0], CONTEXT_PSTATE(NMI), 0);
}

/* Whatever bits the PSTATE has that an event interrupts, they can be written back */
static void handle_sync(struct sdei_handler *h)
{
	GUEST_SYNC(0);
}

static void guest_odd_pstate(void)
{
	sdei_this_handler()->fn = handle_sync;
	sdei_register_nmi();
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
	GUEST_SYNC(0);
}

static void host_odd_pstate(struct sdei_vm *v)
{
	u64 pstate = GENMASK_ULL(63, 37) | PSTATE_DAIF | PSR_MODE_EL1h;
	u64 id = CONTEXT_PSTATE(NMI);

	sdei_run_to(v->vcpu[0], UCALL_SYNC);
	vcpu_set_reg(v->vcpu[0], ARM64_CORE_REG(regs.pstate), pstate);
	sdei_raise_nmi(v->vcpu[0]);
	sdei_run_to(v->vcpu[0], UCALL_SYNC);
	expect_reg(v->vcpu[0], id, pstate);
	expect_set(v->vcpu[0], id, pstate, 0);
	expect_set(v->vcpu[1], id, pstate, 0);
	expect_reg(v->vcpu[1], id, pstate);
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

/* How many of these registers are listed, each once */
static unsigned int nr_sdei_listed(struct kvm_vcpu *vcpu)
{
	struct kvm_reg_list *list = vcpu_get_reg_list(vcpu);
	bool seen[NR_IDS] = {};
	unsigned int nr = 0;
	int i;

	for (i = 0; i < list->n; i++) {
		u64 id = list->reg[i];

		if (id < SDEI_REG(0) || id >= SDEI_REG(NR_IDS))
			continue;
		TEST_ASSERT(is_sdei_reg(id) && !seen[id - SDEI_REG(0)], "register %#x is listed",
			    (u16)id);
		seen[id - SDEI_REG(0)] = true;
		nr++;
	}
	free(list);
	return nr;
}

static u64 nr_listed(struct kvm_vcpu *vcpu)
{
	struct kvm_reg_list list = {};
	int ret = __vcpu_ioctl(vcpu, KVM_GET_REG_LIST, &list);

	TEST_ASSERT(ret == -1 && errno == E2BIG, "KVM_GET_REG_LIST: %d, %s", ret,
		    strerror(errno));
	return list.n;
}

/* A list of which some ids of these registers have no memory to go to */
static void host_cut_list(struct sdei_vm *v)
{
	struct kvm_reg_list *list = vcpu_get_reg_list(v->vcpu[0]), *cut;
	size_t page = getpagesize();
	size_t size = (sizeof(*list) + list->n * sizeof(u64) + page - 1) / page * page;
	void *mem = mmap(NULL, size + page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int i, nr = 0;
	int ret;

	TEST_ASSERT(mem != MAP_FAILED, "mmap() failed");
	munmap(mem + size, page);
	for (i = 0; i < list->n; i++) {
		if (!is_sdei_reg(list->reg[i]))
			continue;
		cut = mem + size - sizeof(*cut) - i * sizeof(u64);
		cut->n = list->n;
		ret = __vcpu_ioctl(v->vcpu[0], KVM_GET_REG_LIST, cut);
		TEST_ASSERT(ret == -1 && errno == EFAULT, "%u of %u ids: %d, %s", i,
			    (unsigned int)list->n, ret, strerror(errno));
		nr++;
	}
	TEST_ASSERT(nr == NR_REGS, "%u registers are listed, not %u", nr, NR_REGS);
	munmap(mem, size);
	free(list);
}

/* Without the feature there are no calls, no registers, and nothing in the list */
static void guest_off(void)
{
	GUEST_EXPECT(sdei(VERSION), SDEI_NOT_SUPPORTED);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_NOT_SUPPORTED);
	GUEST_DONE();
}

/* Another value, one that a vCPU with SDEI could have */
static u64 other_value(u64 id, u64 val)
{
	switch (id) {
	case VERSION:
		return VERSION_1_0 + VERSION_1_1 - val;
	case PE_STATE:
	case STATE(EV):
	case STATE(NMI):
		return val ^ BIT(0);
	default:
		return val ^ BIT(2);
	}
}

/* A VMM that has the list from before may write back what it reads, no more */
static void expect_off(struct kvm_vcpu *vcpu, u64 id)
{
	u64 val;

	if (!is_sdei_reg(id)) {
		expect_no_reg(vcpu, id);
		return;
	}

	val = sdei_get_reg(vcpu, id);
	expect_set(vcpu, id, val, 0);
	expect_set(vcpu, id, other_value(id, val), EINVAL);
	expect_set(vcpu, id, ~val, EINVAL);
	expect_reg(vcpu, id, val);
}

static void expect_all_off(struct kvm_vcpu *vcpu)
{
	int i;

	TEST_ASSERT_EQ(nr_sdei_listed(vcpu), 0);
	for (i = 0; i < NR_IDS; i++)
		expect_off(vcpu, SDEI_REG(i));
	sdei_expect_nmi(vcpu, ENXIO);
}

static void host_aarch32_el1(struct sdei_vm *unused)
{
	struct kvm_vm *vm = vm_create_barebones();
	struct kvm_vcpu *vcpu = __vm_vcpu_add(vm, 0);
	struct kvm_vcpu_init init;

	if (!kvm_has_cap(KVM_CAP_ARM_EL1_32BIT)) {
		ksft_print_msg("no AArch32 EL1\n");
		sdei_exit(KSFT_SKIP);
	}
	vm_ioctl(vm, KVM_ARM_PREFERRED_TARGET, &init);
	init.features[0] |= BIT(KVM_ARM_VCPU_EL1_32BIT) | BIT(KVM_ARM_VCPU_PSCI_0_2);
	vcpu_ioctl(vcpu, KVM_ARM_VCPU_INIT, &init);
	expect_all_off(vcpu);
}

static void turn_off(struct kvm_vcpu *vcpu)
{
	u64 bmap = sdei_get_reg(vcpu, KVM_REG_ARM_STD_BMAP);

	expect_set(vcpu, KVM_REG_ARM_STD_BMAP, bmap & ~BIT(KVM_REG_ARM_STD_BIT_SDEI), 0);
}

static void host_off(struct sdei_vm *v)
{
	struct kvm_vcpu *vcpu = v->vcpu[0];
	u64 nr = nr_listed(vcpu);

	TEST_ASSERT_EQ(nr_sdei_listed(vcpu), NR_REGS);
	turn_off(vcpu);
	TEST_ASSERT_EQ(nr_listed(vcpu), nr - NR_REGS);
	expect_all_off(vcpu);
	sdei_run_to(vcpu, UCALL_DONE);
	expect_all_off(vcpu);
}

/*
 * State that is written before the bit is cleared, as it is by a VMM that writes
 * the registers in ascending order, stays and does nothing: each vCPU has both
 * events to deliver, and one of them sleeps.
 */
static bool woken __sdei_guest;

static void guest_off_asleep(void)
{
	wfi();
	WRITE_ONCE(woken, true);
	guest_off();
}

static void host_written_then_off(struct sdei_vm *v)
{
	struct sdei_state state;
	int i, event;

	for (i = 0; i < 2; i++) {
		for (event = 0; event < NR_EVENTS; event++) {
			expect_set(v->vcpu[i], ENTRY(event), (u64)sdei_entry, 0);
			expect_set(v->vcpu[i], STATE(event),
				   EVENT_REGISTERED | EVENT_ENABLED | EVENT_PENDING, 0);
		}
		expect_set(v->vcpu[i], PE_STATE, 0, 0);
	}
	get_sdei_state(v->vcpu[0], &state);
	turn_off(v->vcpu[0]);
	sdei_run_to(v->vcpu[0], UCALL_DONE);
	sdei_run_for_a_while(v->vcpu[1]);
	TEST_ASSERT(!sdei_guest_var(v, woken), "it woke");
	for (i = 0; i < 2; i++) {
		sdei_expect_nmi(v->vcpu[i], ENXIO);
		expect_sdei_state(v->vcpu[i], &state);
	}
	expect_all_off(v->vcpu[0]);
}

/* The version is the VM's, and stays once a vCPU has run */
static void guest_version(void)
{
	u64 version = *(const u64 *)sdei_test->data;

	GUEST_EXPECT(sdei(VERSION), version);
	GUEST_EXPECT(sdei(FEATURES, SDEI_FEATURE_RELATIVE_MODE),
		     version == VERSION_1_0 ? SDEI_INVALID_PARAMETERS : 0);
	GUEST_EXPECT(sdei(FEATURES, SDEI_FEATURE_BIND_SLOTS), 0);
	GUEST_DONE();
}

static void host_version(struct sdei_vm *v)
{
	u64 version = *(const u64 *)v->test->data;
	u64 other = VERSION_1_0 + VERSION_1_1 - version;
	int i;

	expect_reg(v->vcpu[0], VERSION, VERSION_1_1);
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
}

/* KVM_ARM_VCPU_INIT resets everything that is the vCPU's */
static void host_reset(struct sdei_vm *v)
{
	struct sdei_state filled, reset = {};
	int i;

	expect_set(v->vcpu[0], VERSION, VERSION_1_0, 0);
	fill_sdei_state(&filled, EVENT_REGISTERED | EVENT_ENABLED | EVENT_RUNNING |
			EVENT_PENDING);
	filled.val[VERSION - SDEI_REG(0)] = VERSION_1_0;
	filled.val[PE_STATE - SDEI_REG(0)] = 0;
	reset.val[VERSION - SDEI_REG(0)] = VERSION_1_0;
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

/* What only harms the guest is the VMM's to know: its handler is entered at 0 */
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
	int event;

	vm_install_sync_handler(v->vm, VECTOR_SYNC_CURRENT, EC_INST_ABORT, handle_abort);
	for (event = 0; event < NR_EVENTS; event++) {
		sdei_vcpu_reset(v, 0, guest_entry_0);
		expect_set(v->vcpu[0], PE_STATE, 0, 0);
		expect_set(v->vcpu[0], STATE(event),
			   EVENT_REGISTERED | EVENT_ENABLED | EVENT_PENDING, 0);
		sdei_run_to(v->vcpu[0], UCALL_DONE);
		expect_reg(v->vcpu[0], STATE(event),
			   EVENT_REGISTERED | EVENT_ENABLED | EVENT_RUNNING);
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

static void host_not_running(struct sdei_vm *v)
{
	struct kvm_vcpu *vcpu = v->vcpu[0];
	int event;

	for (event = 0; event < NR_EVENTS; event++) {
		expect_set(vcpu, STATE(EV), EVENT_REGISTERED | EVENT_RUNNING, 0);
		expect_set(vcpu, STATE(NMI), EVENT_REGISTERED | EVENT_RUNNING, 0);
		expect_set(vcpu, STATE(event), EVENT_REGISTERED, 0);
		expect_reg(vcpu, STATE(event), EVENT_REGISTERED);
		expect_reg(vcpu, STATE(!event), EVENT_REGISTERED | EVENT_RUNNING);
	}
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
	BAD_PSTATE("CONTEXT_PSTATE mode 0x14", PSR_MODE32_BIT | PSR_MODE_EL1t),
	BAD_PSTATE("CONTEXT_PSTATE mode 0x15", PSR_MODE32_BIT | PSR_MODE_EL1h),
	BAD_PSTATE("CONTEXT_PSTATE AArch32 MON", 0x16),
	BAD_PSTATE("CONTEXT_PSTATE AArch32 ABT", 0x17),
	BAD_PSTATE("CONTEXT_PSTATE AArch32 HYP", 0x1a),
	BAD_PSTATE("CONTEXT_PSTATE AArch32 UND", 0x1b),
	BAD_PSTATE("CONTEXT_PSTATE AArch32 SYS", 0x1f),
	BAD_BITS("CONTEXT_PSTATE EL2h with any other bit", CONTEXT_PSTATE(EV), PSR_MODE_EL2h,
		 GENMASK_ULL(63, 5)),
	BAD("VERSION 0", VERSION, 0),
	BAD("VERSION 0.9", VERSION, SDEI_VERSION(0, 9)),
	BAD("VERSION 1.2", VERSION, SDEI_VERSION(1, 2)),
	BAD("VERSION 2.0", VERSION, SDEI_VERSION(2, 0)),
	BAD("VERSION 1.1 of another vendor", VERSION, VERSION_1_1 ^ 1),
	BAD("VERSION 1.1, bit 63 set", VERSION, VERSION_1_1 | BIT_ULL(63)),
	{
		.name = "CONTEXT_PSTATE EL0, EL1t, EL1h, other bits: read back",
		.host = host_good_pstate,
	}, {
		.name = "CONTEXT_PSTATE AArch32 USR: read back, or EINVAL if none",
		.host = host_aarch32_pstate,
	}, {
		.name = "NMI at a PSTATE with bits 63:37 set: can be written back",
		.guest = { guest_odd_pstate },
		.host = host_odd_pstate,
	}, {
		.name = "Registers of other ids and sizes: ENOENT",
		.host = host_no_reg,
	}, {
		.name = "KVM_GET_REG_LIST to memory that ends among the ids: EFAULT",
		.host = host_cut_list,
	}, {
		.name = "vCPU with AArch32 EL1: not listed, a new value is EINVAL",
		.host = host_aarch32_el1,
		.own_vm = true,
	}, {
		.name = "STD_BMAP without SDEI: not listed, a new value is EINVAL",
		.guest = { guest_off },
		.host = host_off,
		.own_vm = true,
	}, {
		.name = "STD_BMAP without SDEI, registers written: no handler runs",
		.guest = { guest_off, guest_off_asleep },
		.host = host_written_then_off,
		.own_vm = true,
	}, {
		.name = "VERSION 1.0: the guest's SDEI_VERSION is, EBUSY for 1.1 when it has run",
		.guest = { guest_version },
		.host = host_version,
		.data = &(const u64){ VERSION_1_0 },
		.own_vm = true,
	}, {
		.name = "VERSION 1.1: the guest's SDEI_VERSION is, EBUSY for 1.0 when it has run",
		.guest = { guest_version },
		.host = host_version,
		.data = &(const u64){ VERSION_1_1 },
		.own_vm = true,
	}, {
		.name = "KVM_ARM_VCPU_INIT: masked, all registers 0, the version stays",
		.host = host_reset,
		.own_vm = true,
	}, {
		.name = "Event registered at 0 by the VMM: entered at 0",
		.guest = { guest_entry_0 },
		.host = host_entry_0,
	}, {
		.name = "EVENT_STATE enabled, PE_STATE 0 written: what was pending runs",
		.guest = { guest_made_deliverable },
		.host = host_made_deliverable,
	}, {
		.name = "EVENT_STATE without pending: still is, unless it is unregistered",
		.host = host_not_pending,
	}, {
		.name = "EVENT_STATE without running: the other event still is",
		.host = host_not_running,
	},
};

int main(void)
{
	return sdei_regs_main(tests, ARRAY_SIZE(tests));
}
