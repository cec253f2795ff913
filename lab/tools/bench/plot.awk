# bench.tsv as data for plot.gp, for one mode of the host, in units of the smallest
# hypercall: for each thing to do, by an interrupt, by KVM's SDEI and by that of a VMM.
#   awk -v mode=vhe -f plot.awk bench.tsv

BEGIN { FS = "\t" }
$1 == "patched" && $2 == mode { cost[$3] = $5 }

function row(text, interrupt, kvm, vmm) {
	printf "\"%s\" %s %s %s\n", text, cost[interrupt] ? cost[interrupt] : "-", cost[kvm],
		cost[vmm] ? cost[vmm] : "-"
}

END {
	row("one call:\\nVERSION", "", "sdei_version", "user_version")
	row("to itself\\nand back", "sgi_self", "sdei_self", "user_self")
	row("to a vCPU\\nthat spins", "sgi_spin", "sdei_spin", "user_spin")
	row("to a vCPU\\n" "in WFI", "sgi_wfi", "sdei_wfi", "user_wfi")
	row("VMM to a vCPU\\nthat spins", "irq_line_spin", "nmi_spin", "")
	row("VMM to a vCPU\\n" "in WFI", "irq_line_wfi", "nmi_wfi", "")
}
