import { chmodSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Trash } from './remove-tree.ts'

/** Makes the two folders that a job works in, and discards everything else of the slot that is not ours. */
export function setUp(
  folder: string,
  places: { readonly project: string; readonly temp: string },
  trash: Trash,
): void {
  for (const path of [places.project, places.temp])
    if (!isFolder(path) && lstatSync(path, { throwIfNoEntry: false })) trash.discard(path)
  discardOthers(
    folder,
    [places.project, places.temp],
    (name, top) => {
      const ours =
        top && (name === 'git' || name === 'trash' || name === 'state.json' || name.startsWith('lock'))
      return !ours
    },
    trash,
  )
  makeFolders([places.project])
  mkdirSync(places.temp, { recursive: true, mode: 0o700 })
  for (const name of readdirSync(places.temp))
    rmSync(join(places.temp, name), { recursive: true, force: true })
}

/** Everything that does not lead to one of `places`. */
function discardOthers(
  folder: string,
  places: readonly string[],
  mayGo: (name: string, top: boolean) => boolean,
  trash: Trash,
  top = true,
): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (places.includes(path) || !mayGo(name, top)) continue
    const onTheWay = places.some((place) => place.startsWith(`${path}/`)) && isFolder(path)
    if (onTheWay) discardOthers(path, places, mayGo, trash, false)
    else trash.discard(path)
  }
}

/** A job may have closed its own folder. */
export function openUp(project: string): void {
  const usual = 0o777 & ~process.umask()
  if ((lstatSync(project).mode & 0o7777) !== usual) chmodSync(project, usual)
}

/** With the permissions of new ones. */
export function makeFolders(paths: readonly string[]): void {
  for (const path of paths) {
    mkdirSync(path, { recursive: true })
    openUp(path)
  }
}

export function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false
}

export function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}
