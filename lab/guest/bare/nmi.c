/*
 * A guest without an operating system that counts the operator's NMIs: each of its two CPUs
 * registers for KVM's event 0x40000000, and its handler counts. CPU 0 spins with interrupts
 * masked, CPU 1 sleeps in WFI.
 *
 * "nmi N M" are the counts, when one has changed and now and then. Commands, by the serial port: m masks
 * SDEI on CPU 0, u unmasks it, n takes back CPU 0's registration, q prints the counts and
 * ends.
 */
#include "bare.h"

#define CPUS		2
#define EVENT_NMI	0x40000000UL
#define SDEI_EVENT_UNREGISTER	0xc4000027UL

struct cpu {
	volatile u64 ready, received, bad;
	char stack[CPU_SIZE - 24] __attribute__((aligned(8)));
};
_Static_assert(sizeof(struct cpu) == CPU_SIZE, "start.S knows the size");

struct cpu cpus[CPUS] __attribute__((aligned(CPU_SIZE)));

extern char secondary[], entry[];

/* The handler, called with what x0 to x30 were when it was entered. */
void handle(u64 *x)
{
	struct cpu *cpu = (struct cpu *)x[1];

	if (x[0] != EVENT_NMI || cpu != &cpus[read(mpidr_el1) & 0xff])
		cpus[0].bad++;
	else
		cpu->received++;
	barrier();
}

void lost(void)
{
	cpus[0].bad++;
}

static void expect(const char *what, long is)
{
	if (!is)
		return;
	print("ERROR: ");
	print(what);
	print(" returned ");
	print_hex(is);
	print("\n");
	cpus[0].bad++;
}

static void set_up(struct cpu *cpu)
{
	set_up_timer(cpu - cpus);
	expect("SDEI_EVENT_REGISTER", hvc(SDEI_EVENT_REGISTER, EVENT_NMI, (u64)entry, (u64)cpu, 0, 0));
	expect("SDEI_EVENT_ENABLE", call1(SDEI_EVENT_ENABLE, EVENT_NMI));
	expect("SDEI_PE_UNMASK", call0(SDEI_PE_UNMASK));
	cpu->ready = 1;
}

static void counts(const char *name)
{
	print(name);
	print_number(cpus[0].received);
	print(" ");
	print_number(cpus[1].received);
	print(cpus[0].bad ? " FAILED\n" : "\n");
}

void main(struct cpu *cpu)
{
	u64 last = 0, sum, next = 0, again = 0;

	if (call0(SDEI_VERSION) == NOT_SUPPORTED) {
		print("up, without SDEI\n");
		while (command() != 'q')
			;
		call0(PSCI_SYSTEM_OFF);
	}
	if (cpu != cpus) {
		set_up(cpu);
		for (;;)
			nap();
	}

	set_up(cpu);
	expect("PSCI CPU_ON", hvc(PSCI_CPU_ON, 1, (u64)secondary, (u64)&cpus[1], 0, 0));
	while (!cpus[1].ready)
		;
	print("up, with SDEI\n");
	for (;;) {
		sum = cpus[0].received + cpus[1].received;
		/* And again now and then: a migration may cut a line in two. */
		if (sum != last || (last && now() > again)) {
			counts("nmi ");
			again = now() + 500;
		}
		last = sum;
		if (now() < next)
			continue;
		next = now() + 10;
		switch (command()) {
		case 'm':
			call0(SDEI_PE_MASK);
			print("masked\n");
			break;
		case 'u':
			call0(SDEI_PE_UNMASK);
			print("unmasked\n");
			break;
		case 'n':
			expect("SDEI_EVENT_UNREGISTER", call1(SDEI_EVENT_UNREGISTER, EVENT_NMI));
			print("unregistered\n");
			break;
		case 'q':
			counts("in all: nmi ");
			call0(PSCI_SYSTEM_OFF);
		}
	}
}
