# Which scenarios run on a base in one kind of host, and for how many seconds at most:
#   awk -v base=7.3 -v host=vhe [-v long=1] -f scenarios.awk scenarios/list
function die(text) { print "error: " FILENAME ": " text >"/dev/stderr"; exit 1 }
/^#/ || !NF { next }
!column {
	for (i = 4; i <= NF; i++) if ($i == base) column = i
	if (!column) die("no column for base " base)
	fields = NF
	next
}
NF != fields { die($1 " has not " fields " fields") }
{
	split($column, hosts, "+")
	if (index("," hosts[1] (long ? "," hosts[2] : "") ",", "," host ",")) print $1, long ? $3 : $2
}
