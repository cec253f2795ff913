# Whether spec/rules.md and spec/cases have the same rules, and the scenarios that are named
# are there. With the output of a suite that lab/host/frame framed, also whether each test that
# is named has passed in it: awk [-v label=SUITE] -f cases.awk [SUITE.out] spec/rules.md spec/cases
function complain(text) { print (label ? "       | " : "") text; lost = 1 }
{ sub(/\r$/, "") }
FILENAME == ARGV[ARGC - 2] {
	if (/^\| C[0-9]+ \|/ && rules[$2]++) complain($2 " is there twice in " FILENAME)
	next
}
FILENAME != ARGV[ARGC - 1] {
	if (/^== [^e]/) program = $2
	if (!/# SKIP/ && sub(/^ok [0-9]+ /, "")) passed[program " " $0] = 1
	next
}
/^#/ || NF == 0 { next }
{
	cases[$1] = 1
	if (!($1 in rules)) complain($1 " is no rule of " ARGV[ARGC - 2])
}
/^C[0-9]+ - not yet: ./ { next }
$2 == "-" || NF < 3 { complain($1 " says neither what shows it nor what it waits for"); next }
$2 == "scenario" {
	if ((getline line <("scenarios/" $3 ".sh")) < 0) complain($1 " has no scenario " $3)
	next
}
$2 == "flavour" {
	if ((getline line <("lab/build/flavours/" $3 "/config")) < 0) complain($1 " has no flavour " $3)
	next
}
ARGC > 3 {
	shown[$1] = 1
	test = substr($0, length($1) + 2)
	if (!(test in passed)) complain($1 " has no passing test: " test)
}
END {
	for (rule in rules) if (!(rule in cases)) complain(rule " has no line in " FILENAME)
	if (ARGC > 3) {
		for (rule in shown) n++
		printf "%-6s %-32s %-24s %d rules of spec/rules.md\n", lost ? "FAILED" : "ok", label, "cases", n
	}
	exit lost
}
