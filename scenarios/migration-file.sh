# shellcheck shell=sh disable=SC2119,SC2317,SC2329
# A guest whose CPUs signal each other goes to a file and comes back from it, twice from the
# same file, as two guests.
. /lab/host/vmm.sh
plan 10

vmm
check "the guest signals" goes_on
check "it goes to a file" send "exec:cat >/tmp/saved.1"
check "it comes back from there" come "exec:cat /tmp/saved.1"
check "it continues" goes_on
check "it goes to another file" send "exec:cat >/tmp/saved.2"
for copy in first second; do
	check "it comes back, the $copy time" come "exec:cat /tmp/saved.2"
	check "and its counts are exact on each CPU" counts
done
check "no register changed in a handler or over one" no_complaint
stop
finish
