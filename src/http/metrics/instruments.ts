// What is counted, and how Prometheus reads it: text format 0.0.4. A counter for each combination of labels that occurred.

export type Labels = Readonly<Record<string, string>>

export interface Counter {
  add(labels?: Labels, by?: number): void
  text(): string
}

export interface Histogram {
  /** Seconds. */
  observe(seconds: number, labels?: Labels): void
  text(): string
}

export function counter(name: string, help: string): Counter {
  const values = new Map<string, number>()
  return {
    add(labels = {}, by = 1) {
      const key = labelText(labels)
      values.set(key, (values.get(key) ?? 0) + by)
    },
    text: () =>
      heading(name, help, 'counter') +
      [...values].map(([labels, value]) => `${name}${labels} ${value}\n`).join(''),
  }
}

/** Seconds: from a millisecond, in which most requests are answered, to the minute of a slow one. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

interface Series {
  readonly labels: Labels
  readonly counts: number[]
  count: number
  sum: number
}

export function histogram(name: string, help: string): Histogram {
  const all = new Map<string, Series>()
  return {
    observe(seconds, labels = {}) {
      const key = labelText(labels)
      const series = all.get(key) ?? { labels, counts: BUCKETS.map(() => 0), count: 0, sum: 0 }
      all.set(key, series)
      series.count++
      series.sum += seconds
      const place = BUCKETS.findIndex((bound) => seconds <= bound)
      if (place >= 0) series.counts[place] = (series.counts[place] ?? 0) + 1
    },
    text: () =>
      heading(name, help, 'histogram') + [...all.values()].map((series) => seriesText(name, series)).join(''),
  }
}

function seriesText(name: string, { labels, counts, count, sum }: Series): string {
  let below = 0
  const rows = BUCKETS.map((bound, index) => {
    below += counts[index] ?? 0
    return `${name}_bucket${labelText({ ...labels, le: String(bound) })} ${below}\n`
  })
  const own = labelText(labels)
  return `${rows.join('')}${name}_bucket${labelText({ ...labels, le: '+Inf' })} ${count}\n${name}_sum${own} ${sum}\n${name}_count${own} ${count}\n`
}

/** A figure that is read when it is asked for. */
export function gaugeText(
  name: string,
  help: string,
  values: readonly { readonly labels?: Labels; readonly value: number }[],
): string {
  return (
    heading(name, help, 'gauge') +
    values.map(({ labels = {}, value }) => `${name}${labelText(labels)} ${value}\n`).join('')
  )
}

export function heading(name: string, help: string, type: 'counter' | 'gauge' | 'histogram'): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
