// SPDX-License-Identifier: GPL-2.0-only
/*
 * SDEI events (Arm DEN0054C) that one PE signals to another: which PE it is that
 * runs the handler, how often, and what the handler sees of the signaller's stores.
 */
#include "sdei.h"

static int ready __sdei_guest, done __sdei_guest;

/* Stores before SIGNAL are seen by the handler on the other PE */
#define NR_MESSAGES	100

static u64 message __sdei_guest, received __sdei_guest;

static void handle_message(struct sdei_handler *h)
{
	received = READ_ONCE(message);
}

static void guest_receiver(void)
{
	sdei_setup(handle_message);
	WRITE_ONCE(ready, 1);
	sdei_wait_until(READ_ONCE(done));
	GUEST_DONE();
}

static void guest_sender(void)
{
	struct sdei_handler *target = &sdei_handler[1];
	u64 i;

	sdei_wait_until(READ_ONCE(ready));
	for (i = 1; i <= NR_MESSAGES; i++) {
		WRITE_ONCE(message, i);
		GUEST_EXPECT(sdei_signal(1), SDEI_SUCCESS);
		sdei_wait_until(READ_ONCE(received));
		GUEST_ASSERT_EQ(received, i);
		WRITE_ONCE(received, 0);
	}
	GUEST_ASSERT_EQ(READ_ONCE(target->runs), NR_MESSAGES);
	WRITE_ONCE(done, 1);
	GUEST_DONE();
}

/* The MPIDR says which PE it is */
static void guest_selected(void)
{
	sdei_setup(NULL);
	__atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
	sdei_wait_until(READ_ONCE(done));
	GUEST_DONE();
}

static void guest_select(void)
{
	static const int order[] = { 2, 1, 1, 2, 2, 0, 1, 0, 2, 1 };
	u64 runs[SDEI_MAX_VCPUS] = {};
	int i, j;

	sdei_setup(NULL);
	sdei_wait_until(READ_ONCE(ready) == 2);
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		GUEST_EXPECT(sdei_signal(order[i]), SDEI_SUCCESS);
		runs[order[i]]++;
		sdei_wait_until(READ_ONCE(sdei_handler[order[i]].runs) == runs[order[i]]);
		for (j = 0; j < SDEI_MAX_VCPUS; j++)
			GUEST_ASSERT_EQ(READ_ONCE(sdei_handler[j].runs), runs[j]);
	}
	WRITE_ONCE(done, 1);
	GUEST_DONE();
}

/* Three signals while the target is masked, then while it runs the handler */
static void handle_slowly(struct sdei_handler *h)
{
	if (h->runs == 2) {
		WRITE_ONCE(ready, 2);
		sdei_wait_until(READ_ONCE(done) == 2);
	}
}

static void guest_slow_target(void)
{
	struct sdei_handler *h = sdei_this_handler();

	sdei_setup(handle_slowly);
	GUEST_EXPECT(sdei(PE_MASK), 1);
	WRITE_ONCE(ready, 1);
	sdei_wait_until(READ_ONCE(done) == 1);
	GUEST_ASSERT_EQ(h->runs, 0);
	GUEST_EXPECT(sdei(PE_UNMASK), SDEI_SUCCESS);
	GUEST_ASSERT_EQ(h->runs, 1);
	GUEST_EXPECT(sdei_signal_self(), SDEI_SUCCESS);
	GUEST_ASSERT_EQ(h->runs, 3);
	sdei_delay();
	GUEST_ASSERT_EQ(h->runs, 3);
	WRITE_ONCE(ready, 3);
	GUEST_DONE();
}

static void guest_three_signals(void)
{
	int i, j;

	for (i = 1; i <= 2; i++) {
		sdei_wait_until(READ_ONCE(ready) == i);
		for (j = 0; j < 3; j++)
			GUEST_EXPECT(sdei_signal(1), SDEI_SUCCESS);
		WRITE_ONCE(done, i);
	}
	sdei_wait_until(READ_ONCE(ready) == 3);
	GUEST_DONE();
}

static const struct sdei_test tests[] = {
	{
		.name = "SIGNAL to another PE: its handler sees what was stored before",
		.guest = { guest_sender, guest_receiver },
	}, {
		.name = "SIGNAL with the MPIDRs of three PEs: each time, only that PE runs it",
		.guest = { guest_select, guest_selected, guest_selected },
	}, {
		.name = "SIGNAL three times to a masked PE, to one in the handler: one run each",
		.guest = { guest_three_signals, guest_slow_target },
	},
};

int main(void)
{
	return sdei_main(tests, ARRAY_SIZE(tests));
}
