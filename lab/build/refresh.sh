#!/bin/bash
# Take the commits made in build/BASE/linux back into patches/SERIES/, and the files that
# they add, in their final form, into this repository.
# From another base than $MAIN only bases/BASE/SERIES/*.diff come back: the edits to those
# files in which they are not the same text as in patches/SERIES/.
. "$(dirname "$0")/../common.sh"

git() { command git -C "$LINUX" "$@"; }
base=$(git rev-parse -q --verify refs/lab/base) || die "no tree yet: make tree"
[ -z "$(git status --porcelain)" ] ||
	die "uncommitted changes in ${LINUX#"$ROOT"/}: commit them to the patch they belong to
(git commit --fixup=COMMIT -a && git rebase -i --autosquash refs/lab/base)"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/patches"
git diff --name-only --no-renames --diff-filter=A "$base" HEAD >"$work/new"
[ -z "$(git diff --name-only --no-renames --diff-filter=D "$base" HEAD)" ] ||
	say "note: the series deletes files"

# The patch of this name already has that subject; a new one is named after it.
name_of() {
	local file
	for file in "$PATCH_DIR"/*.patch; do
		if [ -f "$file" ] && [ "$(command git mailinfo --no-scissors /dev/null /dev/null <"$file" |
				sed -n 's/^Subject: //p')" = "$2" ]; then
			basename "$file"; return
		fi
	done
	git log -1 --format=%f.patch "$1"
}

# The edits of $commit that are not those of $patch, with which line numbers and checksums
# don't count.
edits() { # FILE
	awk -v header="diff --git a/$1 b/$1" '/^diff --git /{ on = $0 == header }
		on && !/^index / { sub(/^@@ .*/, "@@"); print }'
}
own_hunks() {
	local file own=() diff=$DIFF_DIR/${patch%.patch}.diff
	[ -r "$PATCH_DIR/$patch" ] || die "$subject: no such patch; new ones are made in build/$MAIN/linux"
	for file in $(git diff --name-only --no-renames "$commit^" "$commit"); do
		git diff --no-renames --no-color "$commit^" "$commit" -- "$file" | edits "$file" >"$work/here"
		! for_base <"$PATCH_DIR/$patch" | edits "$file" | cmp -s - "$work/here" || continue
		! grep -qxF "$file" "$work/new" ||
			die "$subject: $file is the same for all bases; edit it in build/$MAIN/linux"
		own+=("$file")
	done
	: >"$work/diff"
	[ ${#own[@]} = 0 ] ||
		git diff --no-renames --no-color --abbrev=12 "$commit^" "$commit" -- "${own[@]}" >"$work/diff"
	if [ -s "$work/diff" ]; then
		cmp -s "$work/diff" "$diff" || { mkdir -p "$DIFF_DIR" && cp "$work/diff" "$diff"; say "  updated $diff"; }
	elif [ -f "$diff" ]; then
		rm "$diff"
		say "  removed $diff"
	fi
}

sed -n '/^#/p;/^[^#]/q' "$PATCH_DIR/series" >"$work/series" 2>/dev/null || :
for commit in $(git rev-list --reverse "$base..HEAD"); do
	subject=$(git log -1 --format=%s "$commit")
	patch=$(name_of "$commit" "$subject")
	[ "$BASE" = "$MAIN" ] || { own_hunks; continue; }
	git diff --no-renames --no-color --abbrev=12 "$commit^" "$commit" >"$work/diff"
	{
		printf 'From: %s\nSubject: [PATCH] %s\n\n' "KVM SDEI series <series@localhost>" "$subject"
		git log -1 --format=%b "$commit"
		echo ---
		[ ! -s "$work/diff" ] || { echo; cat "$work/diff"; }
	} >"$work/patches/$patch"
	echo "$patch" >>"$work/series"
done

# refs/lab/made stays: lab/build/tree.sh sees whether what was taken back gives this tree.
[ "$BASE" = "$MAIN" ] || exit 0

# The copies are those of the main series.
[ "$SERIES" = sdei ] || : >"$work/new"
: >"$work/copies"
while read -r file; do
	copy=$(copy_of "$file")
	echo "$copy" >>"$work/copies"
	mkdir -p "$(dirname "$copy")"
	git show "HEAD:$file" | cmp -s - "$copy" || { git show "HEAD:$file" >"$copy"; say "  updated $copy"; }
done <"$work/new"
[ "$SERIES" != sdei ] || while read -r copy; do
	rm "$copy"
	say "  removed $copy"
done < <(copies | grep -vxFf "$work/copies")
for file in "$PATCH_DIR"/*.patch; do
	[ ! -f "$file" ] || [ -f "$work/patches/${file##*/}" ] || { rm "$file"; say "  removed $file"; }
done
for file in "$work"/patches/*.patch "$work/series"; do
	[ -f "$file" ] || continue
	cmp -s "$file" "$PATCH_DIR/${file##*/}" || { cp "$file" "$PATCH_DIR/"; say "  updated $PATCH_DIR/${file##*/}"; }
done
git update-ref refs/lab/made HEAD
say "  refresh: $(git rev-list --count "$base..HEAD") patches taken back"
