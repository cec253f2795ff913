/*
 * A guest without an operating system, for migration: its CPUs signal each other by SDEI
 * event 0 without pause and count, so that an event that is lost or doubled on the way, or
 * a register that changes, is seen. It reads commands from the serial port, and prints.
 *
 * CPUs 0 to 2 are a ring. Each signals the next one and waits until that one's handler
 * has counted before it signals again: 0 spins, 1 and 2 wait in WFI for no other interrupt.
 * CPU 3 enters its handler and stays there, as Linux's NMI stop does, with the event pending
 * once more; CPU 4 is masked with the event pending. At the end CPU 3's handler completes and
 * CPU 4 unmasks, and each must run its handler exactly once more.
 *
 * Commands: q ends it and has it count; x has the ring's handlers signal themselves forever.
 *
 * MMU off: aligned plain accesses only, each word has one writer.
 */
#include "bare.h"

#define RING		3
#define PARKED		3
#define MASKED		4
#define CPUS		5
#define MAGIC		0x5de15de15de15de1UL

struct cpu {
	u64 magic, number;
	volatile u64 sent;		/* by its main program */
	volatile u64 received;		/* by its handler */
	volatile u64 ready, done, inside;
	volatile u64 *word;		/* what hold_...() was called with */
	u64 old;
	volatile u64 error;		/* 0, or the first of the texts below, with numbers */
	const char *what;
	u64 is, not;
	char stack[CPU_SIZE - 104] __attribute__((aligned(8)));
};
_Static_assert(sizeof(struct cpu) == CPU_SIZE, "start.S knows the size");

struct cpu cpus[CPUS] __attribute__((aligned(CPU_SIZE)));
volatile u64 go, stop, finish, forever;

extern char text_start[], secondary[], entry[];
extern char hold_spin_from[], hold_spin_to[], hold_wfi_from[], hold_wfi_to[];
u64 hold_spin(volatile u64 *word, u64 old, u64 polls);
u64 hold_wfi(volatile u64 *word, u64 old, u64 polls);

/* Something is not as it should be: CPU 0 prints the first such of each CPU. */
static void expect(struct cpu *cpu, const char *what, u64 is, u64 not)
{
	if (is == not || cpu->error)
		return;
	cpu->what = what;
	cpu->is = is;
	cpu->not = not;
	barrier();
	cpu->error = 1;
}

static u64 pattern(int n)
{
	return (0x8000UL + n) << 32 | (0x4000 + n);
}

/* The handler, called with what x0 to x30 were when it was entered. */
void handle(u64 *x)
{
	struct cpu *cpu = (struct cpu *)x[1];
	u64 pc = x[2], n, held;

	if (x[1] & (CPU_SIZE - 1) || cpu < cpus || cpu >= cpus + CPUS || cpu->magic != MAGIC) {
		expect(cpus, "x1 in a handler", x[1], (u64)cpus);
		return;
	}
	expect(cpu, "MPIDR, by the argument,", read(mpidr_el1) & 0xff, cpu->number);
	expect(cpu, "handler inside a handler", cpu->inside, 0);
	cpu->inside = 1;
	expect(cpu, "x0, the event,", x[0], 0);
	expect(cpu, "x3, the PSTATE, NZCV aside,", x[3] & ~0xf0000000UL, 0x3c5);
	expect(cpu, "DAIF in the handler", read(daif), 0x3c0);
	expect(cpu, "SPSel in the handler", read(spsel), 1);
	if (pc & 3 || pc < (u64)text_start || pc >= (u64)cpus)
		expect(cpu, "x2, the PC,", pc, (u64)text_start);

	/* From here on the sender may signal again: the event is pending while it runs. */
	cpu->received++;
	barrier();

	while (cpu->number == PARKED && !finish)
		nap();

	held = (pc >= (u64)hold_spin_from && pc < (u64)hold_spin_to) ||
	       (pc >= (u64)hold_wfi_from && pc < (u64)hold_wfi_to);
	if (held)
		expect(cpu, "NZCV when interrupted", x[3] & 0xf0000000UL, 0xa0000000);
	for (n = 4; held && n <= 30; n++)
		expect(cpu, "a register in the handler", x[n], pattern(n));
	for (n = 0; n <= 17; n++) {
		u64 saved = call1(SDEI_EVENT_CONTEXT, n);

		if (n > 3)
			expect(cpu, "SDEI_EVENT_CONTEXT of what is still live", saved, x[n]);
		else if (held && n == 0)
			expect(cpu, "SDEI_EVENT_CONTEXT(0)", saved, (u64)cpu->word);
		else if (held && n == 1)
			expect(cpu, "SDEI_EVENT_CONTEXT(1)", saved, cpu->old);
	}

	/* Then the next one comes at once, and the main program never again. */
	if (forever)
		expect(cpu, "SDEI_EVENT_SIGNAL to itself",
		       hvc(SDEI_EVENT_SIGNAL, 0, cpu->number, 0, 0, 0), 0);
	cpu->inside = 0;
}

void lost(void)
{
	expect(cpus, "SDEI_EVENT_COMPLETE returned", 1, 0);
}

static void signal(struct cpu *cpu, int target)
{
	cpu->sent++;
	barrier();
	expect(cpu, "SDEI_EVENT_SIGNAL", hvc(SDEI_EVENT_SIGNAL, 0, target, 0, 0, 0), 0);
}

/* Wait until *word is not old any more, or for a while; in WFI, until an event at least. */
static void hold(struct cpu *cpu, volatile u64 *word, u64 old)
{
	u64 bad;

	cpu->word = word;
	cpu->old = old;
	barrier();
	bad = cpu->number ? hold_wfi(word, old, ~0UL) : hold_spin(word, old, 1000);
	expect(cpu, "number of the register that changed (32: NZCV, 33: x0 or x1)", bad, 0);
}

/* A CPU as it must be after reset, whatever was before; then with the event. */
static void set_up(struct cpu *cpu)
{
	expect(cpu, "after reset, SDEI_EVENT_STATUS", call1(SDEI_EVENT_STATUS, 0), 0);
	expect(cpu, "after reset, SDEI_PE_MASK (1: was not masked)", call0(SDEI_PE_MASK), 0);
	expect(cpu, "SDEI_EVENT_SIGNAL to a CPU without the event",
	       hvc(SDEI_EVENT_SIGNAL, 0, cpu->number, 0, 0, 0), INVALID_PARAMETERS);
	expect(cpu, "SDEI_EVENT_REGISTER", hvc(SDEI_EVENT_REGISTER, 0, (u64)entry, (u64)cpu, 0, 0), 0);
	expect(cpu, "SDEI_EVENT_ENABLE", call1(SDEI_EVENT_ENABLE, 0), 0);
	if (cpu->number != MASKED)
		expect(cpu, "SDEI_PE_UNMASK", call0(SDEI_PE_UNMASK), 0);
	expect(cpu, "an event before the first signal", cpu->received, 0);
}

static void tear_down(struct cpu *cpu)
{
	expect(cpu, "in the end, SDEI_EVENT_STATUS", call1(SDEI_EVENT_STATUS, 0),
	       REGISTERED_AND_ENABLED);
	expect(cpu, "in the end, SDEI_PE_MASK (0: was masked)", call0(SDEI_PE_MASK),
	       cpu->number != MASKED);
	expect(cpu, "SDEI_PE_UNMASK", call0(SDEI_PE_UNMASK), 0);
}

/* One step of the ring; returns 0 if there is nothing more to do. */
static int ring_step(struct cpu *cpu)
{
	struct cpu *next = &cpus[(cpu->number + 1) % RING];

	if (next->received == cpu->sent) {
		/* Each wakes the next one until that one has seen the end; 0 wakes by itself. */
		if (stop && (next->number == 0 || next->done)) {
			barrier();
			cpu->done = 1;
			return 0;
		}
		signal(cpu, next->number);
	}
	hold(cpu, &next->received, cpu->sent - 1);
	if (next->received > cpu->sent)
		expect(cpu, "more events than signals: received", next->received, cpu->sent);
	return 1;
}

static void others(struct cpu *cpu)
{
	set_up_timer(cpu->number);
	set_up(cpu);
	cpu->ready = 1;
	while (cpu->number < RING && !go)
		nap();
	while (cpu->number < RING && ring_step(cpu))
		;
	if (cpu->number == PARKED)
		hold(cpu, &finish, 0);
	while (!finish)
		nap();
	tear_down(cpu);
	cpu->ready = 2;
	for (;;)
		nap();
}

/* Whether all went well so far. */
static int report(void)
{
	static u64 reported[CPUS];
	int good = 1;

	for (int i = 0; i < CPUS; i++) {
		if (!cpus[i].error)
			continue;
		good = 0;
		if (reported[i]++)
			continue;
		print("ERROR: CPU ");
		print_number(i);
		print(": ");
		print(cpus[i].what);
		print(" is ");
		print_hex(cpus[i].is);
		print(", not ");
		print_hex(cpus[i].not);
		print("\n");
	}
	return good;
}

static void wait_ready(int i, u64 ready)
{
	u64 until = now() + 30000;

	while (cpus[i].ready != ready && now() < until)
		nap();
	expect(&cpus[i], "is it ready:", cpus[i].ready, ready);
}
/* Until a handler has run so often, and then whether it does so again. */
static void wait_received(int i, u64 times)
{
	u64 until = now() + 30000;

	while (cpus[i].received < times && now() < until)
		nap();
	for (int more = 0; more < 5; more++)
		nap();
	expect(&cpus[i], "number of times the handler ran", cpus[i].received, times);
}

static void line(const char *name, int from, int to, u64 sent)
{
	print(name);
	print_number(from);
	print(" signalled CPU ");
	print_number(to);
	print(" times ");
	print_number(sent);
	print(", received ");
	print_number(cpus[to].received);
	print("\n");
	if (cpus[to].received != sent)
		expect(&cpus[to], "count", cpus[to].received, sent);
}

/* CPU 0 without SDEI: every call is refused, forever. */
static void without_sdei(void)
{
	u64 rounds = 0, next = 0;

	print("up, without SDEI\n");
	while (command() != 'q') {
		for (u64 fn = SDEI_VERSION; fn <= 0xc4000031; fn++)
			expect(cpus, "an SDEI call returned", call0(fn), NOT_SUPPORTED);
		rounds++;
		if (now() >= next) {
			next = now() + 100;
			print("round ");
			print_number(rounds);
			print("\n");
			report();
		}
	}
	print(report() ? "no SDEI all the time\n" : "FAILED\n");
}

static void with_sdei(struct cpu *cpu)
{
	u64 next = 0, polls = 0, last = 0, progress = now();
	u64 signals;

	expect(cpu, "SDEI_VERSION", call0(SDEI_VERSION), VERSION_1_1);
	set_up(cpu);
	for (int i = 1; i < CPUS; i++) {
		expect(cpu, "PSCI CPU_ON",
		       hvc(PSCI_CPU_ON, i, (u64)secondary, (u64)&cpus[i], 0, 0), 0);
		wait_ready(i, 1);
	}
	/* Once, to have it inside; then to have it pending. What is pending is so once. */
	signals = cpu->sent;
	signal(cpu, PARKED);
	wait_received(PARKED, 1);
	signal(cpu, PARKED);
	signal(cpu, PARKED);
	signal(cpu, MASKED);
	signal(cpu, MASKED);
	cpu->sent = signals;
	wait_received(PARKED, 1);
	wait_received(MASKED, 0);
	print("up, with SDEI\n");
	go = 1;

	while (ring_step(cpu)) {
		if (cpu->sent != last) {
			last = cpu->sent;
			progress = now();
		}
		if (polls++ % 64)
			continue;
		switch (command()) {
		case 'q':
			stop = now();
			break;
		case 'x':
			forever = 1;
			for (int i = RING - 1; i >= 0; i--)
				signal(cpu, i);
			break;
		}
		if (stop && now() > stop + 40000) {
			expect(cpu, "seconds until all have stopped", (now() - stop) / 1000, 0);
			break;
		}
		if (now() >= next) {
			next = now() + 200;
			print("round ");
			print_number(cpu->sent);
			print("\n");
			report();
		}
		if (now() > progress + 40000) {
			expect(cpu, "seconds without an answer", (now() - progress) / 1000, 0);
			break;
		}
	}

	/* What was pending all the time must run once, and only now. */
	wait_received(PARKED, 1);
	wait_received(MASKED, 0);
	finish = 1;
	for (int i = 1; i < CPUS; i++)
		wait_ready(i, 2);
	tear_down(cpu);
	wait_received(PARKED, 2);
	wait_received(MASKED, 1);
	for (int i = 0; i < RING; i++)
		line("CPU ", i, (i + 1) % RING, cpus[i].sent);
	line("parked: CPU ", 0, PARKED, 2);
	line("masked: CPU ", 0, MASKED, 1);
	print(report() ? "counts exact\n" : "FAILED\n");
}

void main(struct cpu *cpu)
{
	if (cpu != cpus)
		others(cpu);
	for (int i = 0; i < CPUS; i++) {
		cpus[i].magic = MAGIC;
		cpus[i].number = i;
	}
	set_up_timer(0);
	if (call0(SDEI_VERSION) == NOT_SUPPORTED)
		without_sdei();
	else
		with_sdei(cpu);
	call0(PSCI_SYSTEM_OFF);
}
