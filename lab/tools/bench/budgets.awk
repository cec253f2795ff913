# Compare bench.tsv with the budgets, in each mode, as TAP; fails if one is broken. What was
# counted again must repeat within 1 %.
#   awk -f budgets.awk budgets bench.tsv

FNR == NR {
	if (/^#/ || !NF) next
	what[++budgets] = $1; bound[budgets] = $2; factor[budgets] = $3; of[budgets] = $4; only[budgets] = $5 " " $6
	next
}
/^# Linux / { base = $3; sub(/,/, "", base) }
/^#/ { next }
$1 == "memory" { memory[$3] = $4; next }
{ cost[$1, $2, $3] = $4 }
$1 == "patched" { modes[$2] }
$1 == "again" { again[$3] = $2 }

function check(ok, text) {
	printf "%s %d %s\n", ok ? "ok" : "not ok", ++number, text
	if (!ok) broken++
}

# Whether a budget that is only for these is for this mode
function is_for(which, mode,	n, word, i) {
	n = split(which, word)
	for (i = 1; i <= n; i++) if (word[i] != mode && word[i] != base) return 0
	return 1
}

function abs(x) { return x < 0 ? -x : x }

END {
	for (mode in modes) for (i = 1; i <= budgets; i++) {
		if (!is_for(only[i], mode)) continue
		kernel = "patched"; than = of[i]
		if (sub(/^pristine:/, "", than)) kernel = "pristine"
		a = cost["patched", mode, what[i]]; b = cost[kernel, mode, than]
		if (!a || !b) { check(0, mode ": " what[i] " or " of[i] " was not counted"); continue }
		ratio = a / b
		check(bound[i] == "at-most" ? ratio <= factor[i] : ratio >= factor[i],
			sprintf("%s: %s is %.4f x %s, %s %s", mode, what[i], ratio, of[i], bound[i], factor[i]))
	}
	for (row in again) {
		d = abs(cost["again", again[row], row] / cost["patched", again[row], row] - 1)
		if (d > most) { most = d; which = row }
	}
	if (which) check(most <= 0.01, sprintf("counted again, no figure differs by more than %.2f %% (%s)", most * 100, which))
	check(memory["bytes_per_vcpu"] && memory["bytes_per_vcpu"] <= 512,
		sprintf("the state of a vCPU takes %d bytes, at-most 512", memory["bytes_per_vcpu"]))
	printf "1..%d\n", number
	exit broken ? 1 : 0
}
