# shellcheck shell=sh disable=SC2016
# Backtraces while a CPU goes offline and comes back. With Linux's client a request takes ten
# seconds if the signal falls into the time in which that CPU is online without event 0, and is
# refused, or if the CPU loses the event as it leaves; with patches/client it does not.
. /lab/host/lib.sh
plan 5
# What the guest's log has at the end
report='
dmesg -n 8
dmesg -s 1000000 >/tmp/log
read -r after _ </proc/uptime
say "$(grep -c "Sending NMI from CPU 0" /tmp/log) requests in $((${after%.*} - ${before%.*})) s, $(grep -c "SDEI_EVENT_SIGNAL to CPU" /tmp/log) refused, $(grep -c "still haven.t responded" /tmp/log) unanswered"
'
# Requests without a pause, until one has had to wait: CPU 0, on which all else runs, does nothing
# but wait in each of those.
start='
dmesg -n 2
while
	read -r asked _ </proc/uptime
	backtraces
	read -r answered _ </proc/uptime
	[ $((${answered%.*} - ${asked%.*})) -lt 8 ]
do :; done &
loop=$!
read -r before _ </proc/uptime
'
guest -k /lab/Image.client -c 3 <<END
$start
echo 0 >/sys/devices/system/cpu/cpu1/online
online 1 && say "CPU 1 does not go"
echo 1 >/sys/devices/system/cpu/cpu1/online
online 1 || say "CPU 1 does not come back"
kill \$loop 2>/dev/null
$report
END
check "patched: offline and online under backtraces" wait_for 120 'guest: .* requests in'
check "patched: it takes no time" seen 'guest: .* requests in [0-9] s'
check "patched: no request without an answer" seen 'guest: [1-9].* 0 refused, 0 unanswered'
stop
guest -c 3 <<END
$start
# Most times no request falls into such a window: once more, then.
until dmesg -s 1000000 | grep -q "still haven.t responded"; do
	echo 0 >/sys/devices/system/cpu/cpu1/online
	echo 1 >/sys/devices/system/cpu/cpu1/online
done
kill \$loop 2>/dev/null
$report
END
check "stock: a request without an answer" wait_for 120 'guest: .* requests in .* [1-9][0-9]* unanswered'
check "stock: it takes ten seconds" seen 'guest: .* requests in [1-9][0-9] s'
stop
finish
