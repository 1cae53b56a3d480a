/** A time for people (UTC, to the second) and for machines. */
export function Moment({ at }: { readonly at: number }) {
  const iso = new Date(at).toISOString()
  return <time dateTime={iso}>{readableTime(at)}</time>
}

/** `2016-08-11 11:28:34 UTC` */
export function readableTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** A time in a zone of its own, with UTC behind it. */
export function ZonedMoment({ at, zone }: { readonly at: number; readonly zone: string | undefined }) {
  // Not every Intl knows offsets as zones.
  if (zone === undefined || zone === 'Etc/UTC' || zone === 'UTC' || /^[+-]/.test(zone))
    return <Moment at={at} />
  return (
    <>
      {`${zonedTime(at, zone)} `}
      <span class="quiet">
        (<Moment at={at} />)
      </span>
    </>
  )
}

/** `Sun 2026-11-22 04:00 GMT+1` */
export function zonedTime(at: number, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  }).formatToParts(at)
  const part = (type: Intl.DateTimeFormatPartTypes): string =>
    parts.find((each) => each.type === type)?.value ?? ''
  return `${part('weekday')} ${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')} ${part('timeZoneName')}`
}
