/** Whether a name may be that of a job that is there but could not be read, or of one of its instances. */
export function mayBeUnread(name: string, unread: ReadonlySet<string>): boolean {
  return (
    unread.has(name) || [...unread].some((job) => name.startsWith(`${job} `) || name.startsWith(`${job}: `))
  )
}
