#!/bin/bash
# Bring the base's pristine source, as a git repository with one commit, and note
# where it is in build/BASE/source. With KDIR, that tree instead of Debian's package.
. "$(dirname "$0")/../common.sh"

mkdir -p "$CACHE/src" "$CACHE/git" "$TREE"
locked_cache
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE

# A fixed identity and date: the same source is the same commit everywhere.
export GIT_AUTHOR_NAME=base GIT_AUTHOR_EMAIL=base@localhost GIT_AUTHOR_DATE='1700000000 +0000'
export GIT_COMMITTER_NAME=base GIT_COMMITTER_EMAIL=base@localhost
export GIT_COMMITTER_DATE=$GIT_AUTHOR_DATE

# import DIR REPO SUBJECT: all files of DIR as the only commit of bare repository REPO.
import() {
	local new=$2.new.$$
	rm -rf "$2".new.*
	git init -q --bare "$new" &&
	git --git-dir="$new" --work-tree="$1" -c core.bare=false add -Af . &&
	git --git-dir="$new" --work-tree="$1" -c core.bare=false commit -q -m "$3" &&
	rm -f "$new/index" && mv "$new" "$2"
}

# take DIR REPO: what has changed in DIR as a further commit of bare repository REPO.
take() {
	local git=(git "--git-dir=$2" "--work-tree=$1" -c core.bare=false)
	"${git[@]}" add -A . &&
	{ "${git[@]}" diff --cached --quiet HEAD 2>/dev/null ||
		"${git[@]}" commit -q -m "$(basename "$1")"; }
}

if [ -n "$KDIR" ]; then
	KDIR=$(cd "$KDIR" && pwd) || die "KDIR: no such folder"
	[ -f "$KDIR/Kconfig" ] || die "KDIR=$KDIR is not a Linux source tree"
	if git -C "$KDIR" rev-parse --show-toplevel 2>/dev/null | grep -qxF "$KDIR"; then
		[ -z "$(git -C "$KDIR" status --porcelain -uno)" ] ||
			say "note: KDIR has uncommitted changes; the lab takes its HEAD, without them"
		printf '%s\n%s\n' "$KDIR" "$(git -C "$KDIR" rev-parse HEAD)" >"$TREE/source"
	else
		# Not a repository: its files become one here, with a further commit whenever
		# they change. What a build in that tree has left there is ignored by git.
		repo=$TREE/source.git
		[ -d "$repo" ] || git init -q --bare "$repo"
		step "importing $KDIR" fetch-import take "$KDIR" "$repo"
		printf '%s\n%s\n' "$repo" "$(git -C "$repo" rev-parse HEAD)" >"$TREE/source"
	fi
	exit 0
fi

# use VERSION: point the build at the cached repository of that version, if there.
use() {
	local repo=$CACHE/git/${PACKAGE}_$1.git
	[ -d "$repo" ] || return 1
	printf '%s\n%s\n' "$repo" "$(git -C "$repo" rev-parse HEAD)" >"$TREE/source"
	# shellcheck disable=SC2153
	[ "$1" = "$VERSION" ] ||
		say "note: using $PACKAGE $1; the recorded, tested version is $VERSION"
}

# unpack VERSION: from the package in the cache to the repository in the cache.
unpack() {
	local tmp=$CACHE/src/unpack.$$ rc=0
	rm -rf "$CACHE"/src/unpack.*
	mkdir -p "$tmp/linux" && dpkg-deb -x "$CACHE/src/${PACKAGE}_$1_all.deb" "$tmp" &&
	tar -C "$tmp/linux" --strip-components=1 -xf "$tmp/usr/src/$PACKAGE".tar.xz &&
	import "$tmp/linux" "$CACHE/git/${PACKAGE}_$1.git" "Linux ${1%%-*}" || rc=$?
	rm -rf "$tmp"
	return $rc
}

recorded() { echo "$SHA256  $CACHE/src/${PACKAGE}_${VERSION}_all.deb" | sha256sum -c --status 2>/dev/null; }

use "$VERSION" && exit 0
if recorded; then
	step "unpacking $PACKAGE $VERSION" fetch-unpack unpack "$VERSION"
	use "$VERSION"
	exit 0
fi

# apt finds and verifies the package.
apt_of_suite "$(dpkg --print-architecture)"
step "asking $mirror for $PACKAGE in $SUITE" fetch-update apt-get "${options[@]}" update || {
	say "  Is the mirror reachable, and does its $SUITE have this machine's architecture?"
	exit 1
}
versions=$(apt-cache "${options[@]}" show "$PACKAGE" 2>/dev/null | sed -n 's/^Version: //p' || :)
[ -n "$versions" ] || die "$SUITE on $mirror has no $PACKAGE (any more): see bases/$BASE/base"
version=$VERSION
grep -qxF "$VERSION" <<<"$versions" || {
	version=$(head -n 1 <<<"$versions")
	say "note: the mirror has moved on to $PACKAGE $version (recorded: $VERSION); going on with that one"
}
use "$version" && exit 0

download() { cd "$CACHE/src" && apt-get "${options[@]}" download "$PACKAGE=$version"; }
step "downloading $PACKAGE $version" fetch-download download
deb=$CACHE/src/${PACKAGE}_${version}_all.deb
# apt has checked it against the signed index; against our record, where there is one.
if [ "$version" = "$VERSION" ] && ! recorded; then
	mv "$deb" "$deb.wrong"
	die "$deb.wrong: signed by Debian, but not the checksum in bases/$BASE/base"
fi
step "unpacking $PACKAGE $version" fetch-unpack unpack "$version"
use "$version"
