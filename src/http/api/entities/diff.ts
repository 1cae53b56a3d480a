import type { FileDiff } from '../../../platform/git-history.ts'

export function diffEntity(file: FileDiff) {
  return {
    diff: file.text,
    collapsed: false,
    too_large: false,
    new_path: file.newPath,
    old_path: file.oldPath,
    a_mode: file.oldMode,
    b_mode: file.newMode,
    new_file: file.kind === 'added',
    renamed_file: file.kind === 'renamed',
    deleted_file: file.kind === 'deleted',
    generated_file: false,
  }
}
