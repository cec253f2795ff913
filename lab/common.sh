# shellcheck shell=bash disable=SC2034
# What every script shares that runs on the machine that builds: where things are, and how
# a step is shown. lab/README.md lists the variables that a user can set.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
ROOT=$PWD
MAIN=7.3	# what the patches are written for
BASE=${BASE:-$MAIN}
KDIR=${KDIR:-}
JOBS=${JOBS:-$(nproc)}

die() { printf 'error: %s\n' "$*" >&2; exit 1; }
say() { printf '%s\n' "$*"; }

[ -r "bases/$BASE/base" ] || die "no base '$BASE'; there are: $(cd bases && echo *)"
# shellcheck source=bases/7.3/base
. "bases/$BASE/base"

CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/kvm-sdei
# PATCHES: apply only so many of the series, in a folder of its own.
PATCHES=${PATCHES:-}
FLAVOUR=${FLAVOUR:-}
CPU=${CPU:-max}
[ -z "$FLAVOUR" ] || [ -r "lab/build/flavours/$FLAVOUR/config" ] ||
	die "no flavour '$FLAVOUR'; there are: $(cd lab/build/flavours && echo *)"
# Its settings: memory of the host in MB, how many times as long all takes, its suites and
# tests, what follows the CPU's name for QEMU, what make gets for options that Kconfig has no
# word for, what the compiler of the selftests gets.
MEMORY=1536 SLOWER=1 FLAVOUR_SUITES='' FLAVOUR_TESTS='' CPU_OPTIONS='' MAKE_OPTIONS=() SELFTEST_CFLAGS=''
# shellcheck source=lab/build/flavours/debug/settings
[ ! -r "lab/build/flavours/$FLAVOUR/settings" ] || . "lab/build/flavours/$FLAVOUR/settings"

# The series, a folder of patches/; any but the main one has trees of its own.
SERIES=${SERIES:-sdei}
[ -r "patches/$SERIES/series" ] || die "no series '$SERIES'; there are: $(cd patches && echo *)"
PATCH_DIR=patches/$SERIES
# Suites and tests of its own it names as a flavour does.
# shellcheck source=patches/async-pf/settings
[ ! -r "$PATCH_DIR/settings" ] || . "$PATCH_DIR/settings"
DIFF_DIR=bases/$BASE/$SERIES

TREE=$ROOT/build/$BASE${KDIR:+-kdir}
[ "$SERIES" = sdei ] || [ "$PATCHES" = 0 ] || TREE+=-$SERIES
case $PATCHES in '') ;; 0) TREE+=-pristine ;; *) TREE+=-bisect ;; esac
OUT=$TREE${FLAVOUR:+-$FLAVOUR}
# The kernel of the guests: the same, or of a base with a client of SDEI.
GUEST=${GUEST:-$BASE}
GUEST_OUT=$OUT; [ "$GUEST$FLAVOUR" = "$BASE" ] || GUEST_OUT=$ROOT/build/$GUEST
# All flavours are built from one tree, but for those that have one of their own: for a diff.
FLAVOUR_DIFF=lab/build/flavours/$FLAVOUR/diff
LINUX=$TREE/linux
if [ -d "$OUT/linux" ] || [ -f "$FLAVOUR_DIFF" ]; then LINUX=$OUT/linux; fi
LOGS=$OUT/logs	# of what is built
mkdir -p "$CACHE" "$LOGS"

# new_run NAME: what is run has a folder of its own, $RUN_DIR, unless it is part of what runs
# already ($RUN). "latest" is the newest one; all but the newest $KEEP are removed.
new_run() {
	local old
	export RUN=${RUN:-$(date +%Y%m%d-%H%M%S)-$1}
	RUN_DIR=$OUT/runs/$RUN
	[ ! -d "$RUN_DIR" ] || return 0
	mkdir -p "$RUN_DIR"
	ln -sfn "$RUN" "$OUT/runs/latest"
	printf '%s\n' "$(git describe --always --dirty 2>/dev/null)" "base $BASE, series $SERIES, CPU $CPU${FLAVOUR:+, flavour $FLAVOUR}" \
		${TESTS:+"TESTS=$TESTS"} ${LONG:+"LONG=$LONG"} >"$RUN_DIR/about"
	for old in $(find "$OUT/runs" -mindepth 1 -maxdepth 1 -type d | sort | head -n "-${KEEP:-10}"); do
		rm -rf "$old"
	done
}

# What the base itself is warned of, in files that the series edits.
known=bases/$BASE/warnings; [ -r "$known" ] || known=/dev/null

# Debian's tools go before what else a machine may have under their names.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH

# One cross build environment for the kernel, its selftests and its checks.
export CCACHE_DIR=${CCACHE_DIR:-$CACHE/ccache} CCACHE_BASEDIR=$ROOT/build CCACHE_NOHASHDIR=1
KMAKE=(make ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu- "CC=ccache aarch64-linux-gnu-gcc"
       LOCALVERSION= KBUILD_BUILD_TIMESTAMP= "-j$JOBS")

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"
	elif command -v sudo >/dev/null; then sudo "$@"
	else die "this needs root, and there is no sudo: $*"
	fi
}

# Let sudo ask for its password, before a step whose progress would hide that.
ask_for_root() { [ "$(id -u)" = 0 ] || ! command -v sudo >/dev/null || sudo -v; }

# One checkout at a time changes what all share: until the script ends, or closes 9.
locked_cache() { exec 9>"$CACHE/lock" && flock 9; }

# The Debian mirror that this machine uses anyway, from its apt configuration.
debian_mirror() {
	local mirror=${MIRROR:-}
	# shellcheck disable=SC2016
	mirror=${mirror:-$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' | sed -n 's/^Debian //p' | sed q)}
	# shellcheck disable=SC2016
	mirror=${mirror:-$(apt-get indextargets --format '$(REPO_URI)' | sed -n '/debian\/*$/{p;q}')}
	[ -n "$mirror" ] || die "no Debian mirror in apt's configuration; give one: make ... MIRROR=http://..."
	echo "$mirror"
}

# The same for its security updates, which have a mirror of their own.
security_mirror() {
	local mirror=''
	# shellcheck disable=SC2016
	[ -n "${MIRROR:-}" ] ||
		mirror=$(apt-get indextargets --format '$(LABEL) $(REPO_URI)' | sed -n 's/^Debian-Security //p' | sed q)
	echo "${mirror:-$(debian_mirror | sed 's,/*$,-security,')}"
}

# debian_tar SUITE PACKAGES: these of Debian's packages and what they need, for arm64, unpacked, as
# a tar. No maintainer script runs: none could.
debian_tar() {
	as_root mmdebstrap --quiet --mode=root --variant=extract --architectures=arm64 \
		--aptopt='Apt::Install-Recommends "false"' --include="$2" "$1" - \
		"deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(debian_mirror) $1 main"
}

# $options for an apt that knows this base's $SUITE alone, from $mirror: beside what the
# machine has, so that Debian 12 can have a kernel of Debian 13. For packages of architecture $1,
# or for "source" packages.
apt_of_suite() {
	local apt=$CACHE/apt/$1 keys=/usr/share/keyrings/debian-archive-keyring.gpg type=deb arch=$1
	[ "$1" != source ] || { type=deb-src; arch=$(dpkg --print-architecture); }
	case $SUITE in
	*-security) mirror=$(security_mirror) ;;
	*) mirror=$(debian_mirror) ;;
	esac
	mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial"
	echo "$type [signed-by=$keys] $mirror $SUITE main" >"$apt/$SUITE.list"
	options=(-o "Dir::Etc::sourcelist=$apt/$SUITE.list" -o Dir::Etc::sourceparts=-
		-o "Dir::State::Lists=$apt/lists" -o "Dir::Cache=$apt/cache" -o "APT::Architecture=$arch"
		-o APT::Sandbox::User= -o Acquire::Languages=none -o APT::Update::Error-Mode=any)
}

# A checksum over the contents of files and over further words, for stamps.
checksum() { { cat "$@"; echo "${SALT:-}"; } | sha256sum | cut -d' ' -f1; }

# A mail or diff for $MAIN with the file names of this base.
for_base() {
	[ "$SELFTESTS" = arm64 ] && { cat; return; }
	local kvm=tools/testing/selftests/kvm
	sed -E "/^(diff|---|\+\+\+) /{s,$kvm/arm64/,$kvm/$SELFTESTS/,g;s,$kvm/Makefile\.kvm,$kvm/Makefile,g}"
}

# Where the copy of a file that the series adds to this base's tree stands here; all copies.
copy_of() { local kvm=tools/testing/selftests/kvm; echo "${1/#$kvm\/$SELFTESTS\//$kvm/aarch64/}"; }
copies() { find arch Documentation include tools -type f 2>/dev/null || :; }

# The files that a diff touches.
files_of() { sed -n 's,^diff --git a/.* b/,,p' "$1"; }

# stamped FILE SUM: whether FILE records that SUM's work is done already.
stamped() { [ -r "$1" ] && [ "$(cat "$1")" = "$2" ]; }

# step [-c REGEX TOTAL] TEXT LOG COMMAND...: run COMMAND with its output in LOG,
# show that it is going on (-c: as the share of TOTAL lines that match REGEX), how
# long it took and, should it fail, the end of its log.
step() {
	local regex='' total=0 text log start now told=0 pid rc=0 note=''
	if [ "$1" = -c ]; then regex=$2 total=$3; shift 3; fi
	text=$1 log=$LOGS/$2.log start=$SECONDS
	shift 2
	: >"$log"
	"$@" >"$log" 2>&1 </dev/null &
	pid=$!
	# shellcheck disable=SC2064
	trap "kill $pid 2>/dev/null; wait; exit 130" INT TERM
	[ -t 1 ] && printf '  %s ...' "$text"
	while kill -0 "$pid" 2>/dev/null; do
		now=$((SECONDS - start))
		if [ -n "$regex" ] && [ "$total" -gt 0 ]; then
			note="$(($(grep -c -- "$regex" "$log" || :) * 100 / total)) %, "
		fi
		if [ -t 1 ]; then
			printf '\r  %s ... %s%d s ' "$text" "$note" "$now"
		elif [ $((now - told)) -ge 30 ]; then
			printf '  %s ... %s%d s\n' "$text" "$note" "$now"
			told=$now
		fi
		if [ "$now" -lt 3 ]; then sleep 0.1; else sleep 1; fi
	done
	wait "$pid" || rc=$?
	trap - INT TERM
	[ -t 1 ] && printf '\r\033[K'
	if [ "$rc" != 0 ]; then
		printf '  %s: FAILED after %d s. The end of its log:\n' "$text" $((SECONDS - start))
		tail -n 30 "$log" | cut -c 1-200 | sed 's/^/  | /'
		printf '  All of it: %s\n' "${log#"$ROOT"/}"
		return "$rc"
	fi
	printf '  %s: %d s\n' "$text" $((SECONDS - start))
}
