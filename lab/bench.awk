# Compare bench.tsv with the budgets: a line for each, in each mode; fails if one is broken.
#   awk -f lab/bench.awk lab/bench/budgets bench.tsv

FNR == NR {
	if (/^#/ || !NF) next
	what[++budgets] = $1; bound[budgets] = $2; factor[budgets] = $3; of[budgets] = $4
	next
}
/^#/ { next }
$1 == "memory" { if ($3 == "bytes_per_vcpu") bytes = $4; next }
{ cost[$1, $2, $3] = $4; modes[$2] }

function check(label, ok, text) {
	printf "%-6s %-5s %s\n", ok ? "ok" : "BROKEN", label, text
	if (!ok) broken++
}

END {
	for (i = 1; i <= budgets; i++) for (mode in modes) {
		kernel = "patched"; than = of[i]
		if (sub(/^pristine:/, "", than)) kernel = "pristine"
		a = cost["patched", mode, what[i]]; b = cost[kernel, mode, than]
		if (!a || !b) { check(mode, 0, what[i] " or " of[i] " was not counted"); continue }
		# As it is shown: a budget of 1.0 is not broken by 0.04 %
		ratio = sprintf("%.3f", a / b) + 0
		check(mode, bound[i] == "at-most" ? ratio <= factor[i] : ratio >= factor[i],
			sprintf("%-18s %7.3f x %-21s (%s %s)", what[i], ratio, of[i], bound[i], factor[i]))
	}
	check("", bytes && bytes <= 512, sprintf("%-18s %7d bytes %-17s (at-most 512)", "state of a vCPU", bytes, ""))
	exit broken ? 1 : 0
}
