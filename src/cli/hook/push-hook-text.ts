// The shell texts that `sluice hook install --push-options` writes. They never refuse a push.

/** Stands in every hook that is ours; one without it is somebody else's. */
export const MARKER = '# sluice: push options'

/** What a hook of somebody else's needs, before it reads its standard input. */
export const PRE_RECEIVE_LINE = '. "$(git rev-parse --git-common-dir)/sluice/record-push-options"'
export const POST_RECEIVE_LINE = ': >"$(git rev-parse --git-common-dir)/sluice/pushed"'

export const PRE_RECEIVE = `#!/bin/sh
${MARKER} (written by sluice hook install; may be deleted)
[ -f "$(git rev-parse --git-common-dir)/sluice/record-push-options" ] || exit 0
${PRE_RECEIVE_LINE}
exit 0
`

export const POST_RECEIVE = `#!/bin/sh
${MARKER} (written by sluice hook install; may be deleted)
cat >/dev/null
${POST_RECEIVE_LINE}
exit 0
`

/**
 * Read by a pre-receive hook: writes the options of a push down, one file for each ref with the new commit in its first line, and
 * leaves the standard input as it was for what follows in the hook.
 */
export const RECORD = `${MARKER} (written by sluice hook install)
sluice_input=$(mktemp) && {
  cat >"$sluice_input"
  (
    folder=$(git rev-parse --git-common-dir)/sluice/push-options
    mkdir -p "$folder" || exit 0
    while read -r old new ref; do
      file=$folder/$(printf '%s' "$ref" | sed 's/%/%25/g; s|/|%2F|g')
      if [ "\${GIT_PUSH_OPTION_COUNT:-0}" -eq 0 ]; then
        rm -f "$file"
        continue
      fi
      {
        git rev-parse --quiet --verify "$new^{commit}" || printf '%s\\n' "$new"
        i=0
        while [ "$i" -lt "$GIT_PUSH_OPTION_COUNT" ]; do
          eval "printf '%s\\\\n' \\"\\$GIT_PUSH_OPTION_$i\\""
          i=$((i + 1))
        done
      } >"$folder/.$$" && mv -f "$folder/.$$" "$file"
    done <"$sluice_input"
  ) || :
  exec <"$sluice_input"
  rm -f "$sluice_input"
}
`
