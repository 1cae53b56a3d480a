/** A released version: `1.2.3`, with or without a `v`. Pre-releases count only by their full name. */
interface Version {
  readonly tag: string
  readonly numbers: readonly [number, number, number]
}

/** Whether a component's version asks for the newest of several: `~latest`, `1`, `1.2`. */
export function asksForNewest(version: string): boolean {
  return version === '~latest' || /^\d+(?:\.\d+)?$/.test(version)
}

/** The tag of the newest release that fits `~latest`, `1` or `1.2`; undefined when there is none. */
export function newestRelease(version: string, tags: readonly string[]): string | undefined {
  const wanted = version === '~latest' ? [] : version.split('.').map(Number)
  const fitting = tags
    .flatMap((tag) => parseVersion(tag) ?? [])
    .filter(({ numbers }) => wanted.every((number, index) => numbers[index] === number))
  return fitting.toSorted(byNumbers).at(-1)?.tag
}

function parseVersion(tag: string): Version | undefined {
  const [, major, minor, patch] = /^v?(\d+)\.(\d+)\.(\d+)(?:\+[\w.-]+)?$/.exec(tag) ?? []
  return major === undefined ? undefined : { tag, numbers: [Number(major), Number(minor), Number(patch)] }
}

function byNumbers(a: Version, b: Version): number {
  const [x, y] = [a.numbers, b.numbers]
  return x[0] - y[0] || x[1] - y[1] || x[2] - y[2]
}
