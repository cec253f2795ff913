# bench.tsv as a table in Markdown: instructions, times the smallest hypercall, times what it
# competes with, and times the same on the kernel without the series.
#   awk -f table.awk bench.tsv

BEGIN { FS = "\t" }
/^#/ { next }
$1 == "memory" { memory = memory sprintf("| %-20s | %6d bytes\n", $3, $4); next }
{ cost[$1, $2, $3] = $4; psci[$1, $2, $3] = $5; other[$1, $2, $3] = $6 }
$1 == "patched" && !($3 in seen) { seen[$3] = 1; order[++n] = $3; against[$3] = $7 }
$1 == "patched" && !($2 in modes) { modes[$2] = 1; mode[++m] = $2 }

function figure(x, format) { return x ? sprintf(format, x) : "" }

END {
	head = sprintf("| %-20s |", "instructions"); line = "|---|"
	for (i = 1; i <= m; i++) {
		head = head sprintf(" %8s | %8s | %8s | %9s |", mode[i], "x psci", "x other", "x without")
		line = line "--:|--:|--:|--:|"
	}
	print head " other"
	print line "---"
	for (r = 1; r <= n; r++) {
		row = sprintf("| %-20s |", order[r])
		for (i = 1; i <= m; i++) {
			c = cost["patched", mode[i], order[r]]; p = cost["pristine", mode[i], order[r]]
			row = row sprintf(" %8.0f | %8s | %8s | %9s |", c, figure(psci["patched", mode[i], order[r]], "%.2f"),
				figure(other["patched", mode[i], order[r]], "%.2f"), p ? figure(c / p, "%.4f") : "")
		}
		print row " " against[order[r]]
	}
	printf "\n| memory, text | |\n|---|--:\n%s", memory
}
