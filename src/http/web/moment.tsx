/** A time for people (UTC, to the second) and for machines. */
export function Moment({ at }: { readonly at: number }) {
  const iso = new Date(at).toISOString()
  return <time dateTime={iso}>{readableTime(at)}</time>
}

/** `2016-08-11 11:28:34 UTC` */
export function readableTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
