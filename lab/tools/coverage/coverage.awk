# Read the numbers of the lines to be covered, the list of exceptions, and what gcov -b -c -t
# printed: name each line that never ran and each branch that was never taken, unless there
# is an exception for its function and text. One that excuses nothing is an error too.

FNR == 1 { files++ }
files == 1 { wanted[$1, $2] = 1; next }
files == 2 && /^(#|$)/ { next }
files == 2 {
	if (split($0, field, "\t") != 3) { print "error: not three fields: " $0; bad++ }
	why[field[1], field[2]] = field[3]
	next
}

function trim(text) { gsub(/^[ \t]+|[ \t]+$/, "", text); return text }
function missed(what) {
	if ((name, text) in why) { used[name, text] = 1; excused++; return }
	printf "FAILED %s: %s(), line %d %s:\n       | %s\n", file, name, number, what, text
	bad++
}

/^ *-: *0:Source:/ { file = $0; sub(/.*linux\//, "", file); next }
/^function / { name = $2; next }
/^(branch|call|unconditional) / {
	if (!mine || $1 != "branch") next
	branches++
	if (/never executed/ || / taken 0/) { if (ran) missed("branch " $2 " never taken") } else hit++
	next
}
/^ *[-#=0-9*]+: *[0-9]+:/ {
	split($0, part, ":")
	count = trim(part[1]); number = part[2] + 0
	text = $0; sub(/^[^:]*:[^:]*:/, "", text); text = trim(text)
	mine = ((file, number) in wanted) && count != "-"
	if (!mine) next
	ran = count !~ /^[#=]/
	lines++
	if (ran) run++; else missed("never run")
}

END {
	for (entry in why) if (!(entry in used)) {
		split(entry, part, SUBSEP)
		printf "FAILED lab/tools/coverage/exceptions: %s() has nothing to excuse in: %s\n", part[1], part[2]
		bad++
	}
	printf "%d of %d lines and %d of %d branches were taken, %d have a reason not to be\n", \
		run, lines, hit, branches, excused
	exit bad > 0
}
