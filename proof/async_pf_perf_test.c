// SPDX-License-Identifier: GPL-2.0-only
/*
 * async_pf_perf_test [-r ROUNDS] [NUMBER...] - what a guest gets done while its pages come late
 *
 * Each measurement is made with kvm.async_pf=N and Y in turn, a few times, and the median of
 * both is printed, with what the second one is of the first. The pages come by userfaultfd, so
 * long after they were asked for. It needs the series async-pf, as its selftests do.
 */
#include <getopt.h>
#include <pthread.h>
#include <time.h>

#include "arch_timer.h"
#include "kvm/arm64/late_page.h"
#include "sdei.h"

/* Needs the types of the others */
#include "gic.h"
#include "ucall.h"

#define VTIMER		27
#define NR_PAGES	4096
#define NR_TASKS	4
#define MAX_ROUNDS	15

#define PARAMETER	"/sys/module/kvm/parameters/async_pf"

/* The guest's, set by the VMM before it runs */
static u64 page_size;
static u64 nr_tasks, nr_pages, run_ms;

/* What it has measured */
static u64 ticks, gap, last_tick, brought, took, signalled, handled;
static u64 task_switch, ready;

#define set_guest_var(_v, _var, _val)					\
	WRITE_ONCE(*(typeof(_var) *)addr_gva2hva((_v)->vm, (u64)&(_var)), _val)

/* A tick each millisecond. It ends the wait of a task, so that the next one can run. */
static void guest_irq(struct ex_regs *regs)
{
	unsigned int intid = gic_get_and_ack_irq();
	u64 now = timer_get_cntct(VIRTUAL), next = timer_get_cval(VIRTUAL);

	GUEST_ASSERT_EQ(intid, VTIMER);
	WRITE_ONCE(ticks, ticks + 1);
	if (last_tick && now - last_tick > gap)
		WRITE_ONCE(gap, now - last_tick);
	last_tick = now;
	/* Missed ones don't come later */
	while (next <= now)
		next += usec_to_cycles(1000);
	timer_set_cval(VIRTUAL, next);
	if (task_switch && regs->pc == (u64)touch)
		regs->pc = (u64)touch_next;
	gic_set_eoi(intid);
}

static void guest_tick(void)
{
	gic_init(GIC_V3, 1);
	gic_irq_enable(VTIMER);
	timer_set_cval(VIRTUAL, timer_get_cntct(VIRTUAL) + usec_to_cycles(1000));
	timer_set_ctl(VIRTUAL, CTL_ENABLE);
	local_irq_enable();
}

/* Tasks take turns, and go from page to page; without tasks it computes */
static void guest_tasks(void)
{
	u64 at[NR_TASKS], next = 0, end, now;
	int i;

	for (i = 0; i < nr_tasks; i++)
		at[i] = next++;
	task_switch = nr_tasks > 1;
	guest_tick();
	end = timer_get_cntct(VIRTUAL) + msec_to_cycles(run_ms);
	while ((now = timer_get_cntct(VIRTUAL)) < end) {
		for (i = 0; i < nr_tasks && next < NR_PAGES; i++) {
			/* What it returns is the address where there was no page yet */
			if (touch(late_page(at[i], page_size)) > 0xff)
				continue;
			WRITE_ONCE(brought, brought + 1);
			at[i] = next++;
		}
	}
	GUEST_DONE();
}

/* Does nothing but fault */
static void guest_faults(void)
{
	u64 start;
	int i;

	guest_tick();
	timer_set_ctl(VIRTUAL, 0);
	start = timer_get_cntct(VIRTUAL);
	for (i = 0; i < nr_pages; i++)
		touch(late_page(i, page_size));
	took = timer_get_cntct(VIRTUAL) - start;
	GUEST_DONE();
}

static void handle(struct sdei_handler *h)
{
	WRITE_ONCE(handled, timer_get_cntct(VIRTUAL));
}

static void guest_takes_masked(void)
{
	sdei_setup(handle);
	WRITE_ONCE(ready, 1);
	touch(late_page(0, page_size));
	sdei_wait_until(READ_ONCE(handled));
	GUEST_DONE();
}

static void guest_takes(void)
{
	local_irq_enable();
	guest_takes_masked();
}

static void guest_takes_in_wfi(void)
{
	sdei_setup(handle);
	WRITE_ONCE(ready, 1);
	while (!READ_ONCE(handled))
		wfi();
	GUEST_DONE();
}

/* 100 ms into the wait */
static void guest_signals(void)
{
	u64 from;

	sdei_wait_until(READ_ONCE(ready));
	from = timer_get_cntct(VIRTUAL);
	while (timer_get_cntct(VIRTUAL) < from + msec_to_cycles(100))
		;
	WRITE_ONCE(signalled, timer_get_cntct(VIRTUAL));
	GUEST_EXPECT(sdei_signal(0), SDEI_SUCCESS);
	GUEST_DONE();
}

/* ---- the VMM */

static struct late_pages pages;
static pthread_t pager_thread;
static bool stop_pager;
static unsigned int delay_us;

static u64 now_us(void)
{
	struct timespec now = late_now();

	return now.tv_sec * 1000000ul + now.tv_nsec / 1000;
}

/* Brings each page so long after it was asked for */
static void *pager(void *arg)
{
	static struct { int page; u64 due; } queue[NR_PAGES];
	static bool asked[NR_PAGES];
	unsigned int head = 0, tail = 0;
	s64 wait;
	int page;

	memset(asked, 0, sizeof(asked));
	while (!READ_ONCE(stop_pager)) {
		wait = head == tail ? 20000 : (s64)(queue[tail].due - now_us());
		page = late_pages_asked(&pages, wait > 0 ? (wait + 999) / 1000 : 0, NULL);
		if (page >= 0 && !asked[page]) {
			asked[page] = true;
			queue[head].page = page;
			queue[head++].due = now_us() + delay_us;
		}
		while (head != tail && queue[tail].due <= now_us())
			late_pages_bring(&pages, queue[tail++].page);
	}

	return NULL;
}

struct measure {
	const char	*name;
	struct sdei_test test;
	u64		(*result)(struct sdei_vm *v);
	const char	*unit;
	unsigned int	delay_us;
	unsigned int	tasks;
	unsigned int	pages;
	unsigned int	run_ms;
	bool		resident;	/* for the host they are there from the start */
	bool		undisturbed;	/* no page is late */
};

static u64 usec(u64 cycles)
{
	return cycles * 1000000 / timer_get_cntfrq();
}

static u64 result_latency(struct sdei_vm *v)
{
	return usec(sdei_guest_var(v, handled) - sdei_guest_var(v, signalled));
}

static u64 result_brought(struct sdei_vm *v)
{
	return sdei_guest_var(v, brought);
}

static u64 result_ticks(struct sdei_vm *v)
{
	return sdei_guest_var(v, ticks);
}

static u64 result_gap(struct sdei_vm *v)
{
	return usec(sdei_guest_var(v, gap));
}

static u64 result_took(struct sdei_vm *v)
{
	return usec(sdei_guest_var(v, took));
}

static const struct measure measures[] = {
	{
		.name = "event 0 at a vCPU that waits, handler after",
		.test.guest = { guest_takes, guest_signals },
		.result = result_latency, .unit = "us", .delay_us = 500000,
	}, {
		.name = "the same, its interrupts masked",
		.test.guest = { guest_takes_masked, guest_signals },
		.result = result_latency, .unit = "us", .delay_us = 500000,
	}, {
		.name = "event 0 at a vCPU in WFI",
		.test.guest = { guest_takes_in_wfi, guest_signals },
		.result = result_latency, .unit = "us", .undisturbed = true,
	}, {
		.name = "1 task, 50 ms a page: 1 ms ticks in 2 s",
		.test.guest = { guest_tasks },
		.result = result_ticks, .unit = "", .delay_us = 50000, .tasks = 1, .run_ms = 2000,
	}, {
		.name = "no task: 1 ms ticks in 2 s",
		.test.guest = { guest_tasks },
		.result = result_ticks, .unit = "", .undisturbed = true, .run_ms = 2000,
	}, {
		.name = "1 task: worst gap between ticks",
		.test.guest = { guest_tasks },
		.result = result_gap, .unit = "us", .delay_us = 50000, .tasks = 1, .run_ms = 2000,
	}, {
		.name = "4 tasks: worst gap between ticks",
		.test.guest = { guest_tasks },
		.result = result_gap, .unit = "us", .delay_us = 50000, .tasks = 4, .run_ms = 2000,
	}, {
		.name = "no task: worst gap between ticks",
		.test.guest = { guest_tasks },
		.result = result_gap, .unit = "us", .undisturbed = true, .run_ms = 2000,
	}, {
		.name = "4 tasks, 50 ms a page: pages in 2 s",
		.test.guest = { guest_tasks },
		.result = result_brought, .unit = "", .delay_us = 50000, .tasks = 4, .run_ms = 2000,
	}, {
		.name = "1 task that only faults, 200 pages at once",
		.test.guest = { guest_faults },
		.result = result_took, .unit = "us", .delay_us = 0, .pages = 200,
	}, {
		.name = "1 task that only faults, 200 pages, 1 ms each",
		.test.guest = { guest_faults },
		.result = result_took, .unit = "us", .delay_us = 1000, .pages = 200,
	}, {
		.name = "1 task that only faults, 20 pages, 50 ms each",
		.test.guest = { guest_faults },
		.result = result_took, .unit = "us", .delay_us = 50000, .pages = 20,
	}, {
		.name = "4000 pages that the host has",
		.test.guest = { guest_faults },
		.result = result_took, .unit = "us", .resident = true, .pages = 4000,
	},
};

static void set_parameter(const char *value)
{
	FILE *f = fopen(PARAMETER, "w");

	TEST_ASSERT(f && fputs(value, f) >= 0 && !fclose(f), PARAMETER ": %s", strerror(errno));
}

static u64 measure(const struct measure *m, bool on)
{
	struct sdei_vm v = {};
	u64 result, started;
	int i, nr = m->test.guest[1] ? 2 : 1;

	set_parameter(on ? "Y" : "N");
	sdei_vm_create(&v, nr);
	vm_install_exception_handler(v.vm, VECTOR_IRQ_CURRENT, guest_irq);
	pages = (struct late_pages) {};
	late_pages_open(&pages);
	late_pages_add(&pages, v.vm, NR_PAGES, 0, VM_MEM_SRC_ANONYMOUS);
	page_size = pages.page_size;
	sync_global_to_guest(v.vm, page_size);
	set_guest_var(&v, nr_tasks, m->tasks);
	set_guest_var(&v, nr_pages, m->pages);
	set_guest_var(&v, run_ms, m->run_ms);
	for (i = 0; m->resident && i < m->pages; i++)
		late_pages_bring(&pages, i);
	delay_us = m->delay_us;
	stop_pager = false;
	TEST_ASSERT(!pthread_create(&pager_thread, NULL, pager, NULL), "pthread_create()");

	sdei_vm_run(&v, &m->test);

	WRITE_ONCE(stop_pager, true);
	pthread_join(pager_thread, NULL);
	result = m->result(&v);
	started = vcpu_get_stat(v.vcpu[0], async_pf_started);
	TEST_ASSERT(!started == (!on || m->resident || m->undisturbed),
		    "%lu asynchronous faults with async_pf=%c", (unsigned long)started,
		    on ? 'Y' : 'N');
	close(pages.uffd);
	kvm_vm_free(v.vm);

	return result;
}

static int compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

static bool wanted(int number, char **numbers)
{
	if (!*numbers)
		return true;
	for (; *numbers; numbers++) {
		if (atoi(*numbers) == number)
			return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	unsigned int rounds = 3, r, on, i;
	u64 result[2][MAX_ROUNDS];
	int opt;

	while ((opt = getopt(argc, argv, "r:")) != -1) {
		if (opt != 'r')
			return KSFT_FAIL;
		rounds = atoi(optarg);
	}
	TEST_ASSERT(rounds && rounds <= MAX_ROUNDS, "-r 1 to %u", MAX_ROUNDS);

	setenv("NV", "0", 1);
	ksft_print_header();
	ksft_set_plan(1);
	setbuf(stdout, NULL);
	printf("# %-50s %9s %9s\n", "kvm.async_pf=", "N", "Y");
	for (i = 0; i < ARRAY_SIZE(measures); i++) {
		if (!wanted(i + 1, argv + optind))
			continue;
		for (r = 0; r < rounds; r++) {
			for (on = 0; on < 2; on++)
				result[on][r] = measure(&measures[i], on);
		}
		for (on = 0; on < 2; on++)
			qsort(result[on], rounds, sizeof(u64), compare);
		printf("# %2u %-47s %9lu %9lu %-2s  Y/N %.3f\n", i + 1, measures[i].name,
		       (unsigned long)result[0][rounds / 2],
		       (unsigned long)result[1][rounds / 2], measures[i].unit,
		       (double)result[1][rounds / 2] / (result[0][rounds / 2] ?: 1));
	}
	set_parameter("Y");
	ksft_test_result_pass("measured\n");
	ksft_finished();
}
