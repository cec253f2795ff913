#!/bin/bash
# Make build/qemu/src: Debian's QEMU source with Debian's patches, and one commit per line
# of vmm/qemu/series on top. A line that starts with "lab" is a patch for the lab only: it
# is applied like the others, and is not mailed.
. "$(dirname "$0")/../common.sh"
. vmm/qemu/base

QEMU=$ROOT/build/qemu SRC=$ROOT/build/qemu/src
mkdir -p "$QEMU" "$CACHE/src" "$CACHE/git"
locked_cache
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE

# A fixed identity and date: the same source is the same commit everywhere.
export GIT_AUTHOR_NAME=base GIT_AUTHOR_EMAIL=base@localhost GIT_AUTHOR_DATE='1700000000 +0000'
export GIT_COMMITTER_NAME=base GIT_COMMITTER_EMAIL=base@localhost
export GIT_COMMITTER_DATE=$GIT_AUTHOR_DATE

dsc() { echo "$CACHE/src/qemu-$1/${PACKAGE}_${1#*:}.dsc"; }
repository() { echo "$CACHE/git/${PACKAGE}_${1#*:}.git"; }
recorded() { echo "$SHA256  $(dsc "$VERSION")" | sha256sum -c --status 2>/dev/null; }
download() { mkdir -p "$(dirname "$1")" && cd "$(dirname "$1")" &&
	apt-get "${options[@]}" source --download-only "$PACKAGE=$version"; }
# unpack VERSION: to a bare repository in the cache, without the sources of firmware.
unpack() {
	local repo tmp=$CACHE/src/unpack-qemu.$$ rc=0
	repo=$(repository "$1")
	rm -rf "$CACHE"/src/unpack-qemu.* "$repo".new.*
	dpkg-source --no-check -x "$(dsc "$1")" "$tmp" && rm -rf "$tmp"/roms/*/ "$tmp/.pc" &&
	git init -q --bare "$repo.new.$$" &&
	git --git-dir="$repo.new.$$" --work-tree="$tmp" -c core.bare=false add -Af . &&
	git --git-dir="$repo.new.$$" --work-tree="$tmp" -c core.bare=false commit -q -m "QEMU ${1#*:}" &&
	mv "$repo.new.$$" "$repo" || rc=$?
	rm -rf "$tmp"
	return $rc
}

version=$VERSION
if [ ! -d "$(repository "$version")" ]; then
	if ! recorded; then
		apt_of_suite source
		step "asking $mirror for the source of $PACKAGE in $SUITE" qemu-update apt-get "${options[@]}" update
		versions=$(apt-cache "${options[@]}" showsrc "$PACKAGE" 2>/dev/null | sed -n 's/^Version: //p' || :)
		[ -n "$versions" ] || die "$SUITE on $mirror has no source of $PACKAGE (any more): see vmm/qemu/base"
		grep -qxF "$VERSION" <<<"$versions" || {
			version=$(head -n 1 <<<"$versions")
			say "note: the mirror has moved on to $PACKAGE $version (recorded: $VERSION); taking that one"
		}
	fi
	if [ ! -d "$(repository "$version")" ]; then
		# apt checks it against the signed index.
		[ -r "$(dsc "$version")" ] ||
			step "downloading the source of $PACKAGE $version" qemu-download download "$(dsc "$version")"
		if [ "$version" = "$VERSION" ] && ! recorded; then
			die "$(dsc "$version"): signed by Debian, but not the checksum in vmm/qemu/base"
		fi
		step "unpacking $PACKAGE $version" qemu-unpack unpack "$version"
	fi
fi
repo=$(repository "$version")
pristine=$(git -C "$repo" rev-parse HEAD)
exec 9>&-

[ -d "$SRC" ] || step "checking out ${repo##*/}" qemu-clone git clone -q --shared --no-tags "$repo" "$SRC"
git() { command git -C "$SRC" "$@"; }
git cat-file -e "$pristine" 2>/dev/null || git fetch -q "$repo" HEAD

name=$(command git config user.name || echo "KVM SDEI series")
mail=$(command git config user.email || echo "series@localhost")
export GIT_AUTHOR_NAME=$name GIT_AUTHOR_EMAIL=$mail GIT_COMMITTER_NAME=$name GIT_COMMITTER_EMAIL=$mail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tip=$pristine
export GIT_INDEX_FILE=$work/index
git read-tree "$tip"
while read -r patch _; do
	[ -r "vmm/qemu/$patch" ] || die "vmm/qemu/series names $patch, which is not there"
	command git mailinfo --no-scissors --encoding=UTF-8 "$work/msg" "$work/diff" <"vmm/qemu/$patch" >"$work/info"
	git apply --cached --whitespace=nowarn "$work/diff" 2>"$work/err" || {
		sed 's/^/  | /' "$work/err" >&2
		die "vmm/qemu/$patch does not apply to $PACKAGE $version"
	}
	tip=$({ sed -n 's/^Subject: //p' "$work/info"; echo; cat "$work/msg"; } | git stripspace |
		git commit-tree -p "$tip" -F - "$(git write-tree)")
done < <(sed '/^#/d; s/^lab //' vmm/qemu/series)
unset GIT_INDEX_FILE

# Never lose edits, as in lab/build/tree.sh.
git update-ref refs/lab/base "$pristine"
made=$(git rev-parse -q --verify refs/lab/made || echo "$pristine")
if [ "$(git rev-parse HEAD)" != "$made" ] || [ -n "$(git status --porcelain -uno)" ]; then
	{ git diff --quiet "$tip" -- &&
		[ "$(git log --format='%T %B' "$pristine..HEAD")" = "$(git log --format='%T %B' "$pristine..$tip")" ]; } ||
		[ -n "${FORCE:-}" ] ||
		die "${SRC#"$ROOT"/} has edits that are not in vmm/qemu/ yet:
commit them there and 'make qemu-refresh' first, or drop them with FORCE=1."
fi
if [ "$(git rev-parse HEAD)" != "$tip" ] || [ -n "$(git status --porcelain -uno)" ]; then
	git reset -q --hard "$tip"
	say "  tree: ${SRC#"$ROOT"/} at $(git rev-list --count "$pristine..$tip") patches on $(git log -1 --format=%s "$pristine")"
fi
git update-ref refs/lab/made "$tip"
