// SPDX-License-Identifier: GPL-2.0-only
/*
 * No signal is lost to a VMM that reads the SDEI registers of a vCPU and writes
 * them back, nor is one added.
 */
#include "sdei_state.h"

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

static const struct sdei_test tests[] = {
	{
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
