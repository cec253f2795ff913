/*
 * The head of the bare guest: it starts as a Linux Image would, at EL1 with the MMU off,
 * so that every access must be aligned and none may be exclusive.
 */
	.section .head, "ax"
	.global image
image:	b	start
	.long	0
	.quad	0x80000			/* where to load it, from the start of memory */
	.quad	image_size
	.quad	0
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	0

	.text
/* The first CPU comes here, the others by PSCI with their struct cpu in x0. */
start:	mov	x0, #0
	.global secondary
secondary:
	cbnz	x0, 1f
	adrp	x0, cpus
	add	x0, x0, :lo12:cpus
1:	add	x1, x0, #8192		/* CPU_SIZE: a stack that ends where the struct does */
	mov	sp, x1
	msr	spsel, #1
	mov	sp, x1
	mov	x29, xzr
	mov	x30, xzr
	bl	main
2:	wfi
	b	2b

/* u64 hvc(x0, ...): one SMCCC call; the results in x1-x3 don't matter here. */
	.global hvc
hvc:	hvc	#0
	ret

/*
 * The handler of event 0. Saves what it found (x0-x3 are SDEI's), lets handle() look at
 * it and completes: KVM restores x0-x17, the rest is restored here.
 */
	.global entry
entry:	sub	sp, sp, #256
	.irp	n, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26
	stp	x\n, x1, [sp, #8 * \n]	/* the odd ones are overwritten below */
	.endr
	str	x1, [sp, #8 * 1]
	.irp	n, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27
	str	x\n, [sp, #8 * \n]
	.endr
	stp	x28, x29, [sp, #8 * 28]
	str	x30, [sp, #8 * 30]
	mov	x0, sp
	bl	handle
	.irp	n, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
	ldr	x\n, [sp, #8 * \n]
	.endr
	add	sp, sp, #256
	mov	x1, #0			/* SDEI_EV_HANDLED */
	ldr	x0, =0xc4000025		/* SDEI_EVENT_COMPLETE */
	hvc	#0
	.global completed
completed:				/* not to be reached */
	mov	x0, sp
	bl	lost
	b	.
	.ltorg

/*
 * u64 hold_spin(volatile u64 *word, u64 old, u64 polls): wait until *word is not old any
 * more, at most that many polls, with patterns in x4-x30 and in NZCV. Returns 0, or the
 * number of the register that was not what it should be (32 for NZCV). hold_wfi() waits
 * in WFI. handle() knows the patterns, and that they hold between .._from and .._to.
 */
	.macro	pattern reg, n
	movz	\reg, #0x4000 + \n
	movk	\reg, #0x8000 + \n, lsl #32
	.endm

	.macro	hold name, wait
	.global	\name, \name\()_from, \name\()_to
\name:	sub	sp, sp, #128
	stp	x19, x20, [sp]
	stp	x21, x22, [sp, #16]
	stp	x23, x24, [sp, #32]
	stp	x25, x26, [sp, #48]
	stp	x27, x28, [sp, #64]
	stp	x29, x30, [sp, #80]
	stp	x0, x1, [sp, #96]
	movz	x3, #0xa000, lsl #16	/* N and C */
	msr	nzcv, x3
	.irp	n, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
	pattern	x\n, \n
	.endr
\name\()_from:
1:	ldr	x3, [x0]
	sub	x3, x3, x1
	cbnz	x3, 2f
	\wait
	sub	x2, x2, #1
	cbnz	x2, 1b
2:	nop
\name\()_to:
	mrs	x3, nzcv
	movz	x2, #0xa000, lsl #16
	sub	x3, x3, x2
	mov	x2, #32
	cbnz	x3, 3f
	.irp	n, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
	mov	x2, #\n
	pattern	x3, \n
	sub	x3, x3, x\n
	cbnz	x3, 3f
	.endr
	ldp	x4, x5, [sp, #96]
	mov	x2, #33			/* x0 or x1 */
	sub	x4, x4, x0
	cbnz	x4, 3f
	sub	x5, x5, x1
	cbnz	x5, 3f
	mov	x2, #0
3:	mov	x0, x2
	ldp	x19, x20, [sp]
	ldp	x21, x22, [sp, #16]
	ldp	x23, x24, [sp, #32]
	ldp	x25, x26, [sp, #48]
	ldp	x27, x28, [sp, #64]
	ldp	x29, x30, [sp, #80]
	add	sp, sp, #128
	ret
	.endm

	hold	hold_spin, nop
	hold	hold_wfi, wfi
