/** One page of a longer list, found by its number from 1. */
export interface Paging {
  readonly page: number
  readonly perPage: number
  /** Null: more than anybody counts. */
  readonly total: number | null
}

interface PagesProps extends Paging {
  /** The address of another page of the list. */
  readonly href: (page: number) => string
}

export function Pages({ page, perPage, total, href }: PagesProps) {
  const more = total === null || page * perPage < total
  if (page === 1 && !more) return null
  return (
    <nav class="pages" aria-label="Pages">
      {page > 1 && (
        <a href={href(page - 1)} rel="prev">
          Newer
        </a>
      )}
      <span>{`Page ${page}`}</span>
      {more && (
        <a href={href(page + 1)} rel="next">
          Older
        </a>
      )}
    </nav>
  )
}

/** What the store is asked for. */
export function partOf({ page, perPage }: Pick<Paging, 'page' | 'perPage'>) {
  return { limit: perPage, offset: (page - 1) * perPage }
}
