# Whether each case of tests/cases has its test, and that has not failed, in the output
# of a suite that lab/host/frame framed: awk -v label=SUITE -f cases.awk SUITE.out tests/cases
{ sub(/\r$/, "") }
FILENAME != ARGV[2] {
	if (/^== [^e]/) program = $2
	if (!/# SKIP/ && sub(/^ok [0-9]+ /, "")) passed[program " " $0] = 1
	next
}
/^#/ || NF == 0 || $2 == "-" { next }
{
	cases[$1] = 1
	test = substr($0, length($1) + 2)
	if (!(test in passed)) { print "       | " $1 " has no passing test: " test; lost = 1 }
}
END {
	for (name in cases) n++
	printf "%-6s %-25s %-24s %d cases of tests/cases\n", lost ? "FAILED" : "ok", label, "cases", n
	exit lost
}
