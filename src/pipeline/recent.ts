/** Values by id, in the order in which they were last used. */
export interface Recent<Value> {
  get(id: number): Value | undefined
  /** Keeps a value as the one that was used last. */
  use(id: number, value: Value): void
  drop(id: number): void
  /** Drops the longest unused ones until the others weigh no more than the limit, but never the last few. */
  shrink(): void
}

export function recent<Value>(
  weightOf: (value: Value) => number,
  limits: { readonly weight: number; readonly atLeast: number },
): Recent<Value> {
  // A Map remembers the order of insertion.
  const values = new Map<number, Value>()
  let weight = 0

  function drop(id: number): void {
    const value = values.get(id)
    if (value === undefined) return
    values.delete(id)
    weight -= weightOf(value)
  }

  return {
    get: (id) => values.get(id),
    use(id, value) {
      drop(id)
      values.set(id, value)
      weight += weightOf(value)
    },
    drop,
    shrink() {
      for (const id of values.keys()) {
        if (weight <= limits.weight || values.size <= limits.atLeast) return
        drop(id)
      }
    },
  }
}
