# Read what lab/host/frame framed: print a line for each test program, failures in full,
# and append "passed failed skipped" to the file that -v counts= names.
#   -v label=: where it ran   -v expect=: the programs that must have run
#   -v all=: where all of it is

function result(rc, secs,    note, i) {
	if (!(ok + bad + skip) && plan != -2 && plan <= 0) {	# says all by its exit code
		if (rc == 0) ok = 1
		else if (rc == 4) skip = 1
		else bad = 1
	} else {
		if (plan == -2) note = "planned nothing"
		else if (plan < 0) note = "no plan"
		else if (ok + bad + skip != plan) note = (ok + bad + skip) " of " plan " results"
		if (note == "" && rc != 0 && rc != 4 && !bad) note = "exit code " rc
		if (note != "") bad++
	}
	printf "%-6s %-32s %-24s %d passed", bad ? "FAILED" : "ok", label, name, ok
	if (bad) printf ", %d failed", bad
	if (skip) printf ", %d skipped", skip
	printf "  (%s%s)\n", note == "" ? "" : note ", ", secs
	if (bad) {
		# Every failed result and what it says of it, and the end of what the program printed.
		for (i = 1; i <= lines; i++)
			if (i > lines - 60 || line[i] ~ /^not ok|^# failed|^#   /) print "       | " line[i]
		print "       All of it: " all
	}
	passed += ok; failed += bad; skipped += skip
	ran[name] = 1
	name = ""
}

function begin(n) { name = n; ok = bad = skip = lines = 0; plan = -1 }

{ sub(/\r$/, "") }
name != "" && /^== exit [0-9]+ after / { result($3, $5 " " $6); next }
name == "" && /^== / { begin($2); next }
name == "" { next }
{ line[++lines] = $0 }
/^1\.\.[0-9]+/ && plan < 0 { plan = substr($1, 4) + 0; if (!plan && !/SKIP/) plan = -2 }
/^(ok|not ok) [0-9]+/ {
	if (/# SKIP/) skip++
	else if (/^ok/) ok++
	else bad++
}

END {
	if (name != "") { bad++; result(-1, "never ended") }
	split(expect, names, " ")
	for (i in names) if (!(names[i] in ran)) {
		printf "%-6s %-32s %-24s did not run: %s\n", "FAILED", label, names[i], all
		failed++
	}
	print passed + 0, failed + 0, skipped + 0 >>counts
}
