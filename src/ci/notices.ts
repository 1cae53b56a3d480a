import type { JobConfig, JobKeywords } from './config.ts'
import { pagesOf } from './config/pages.ts'
import { noticeOf } from './runtime-support.ts'

/** One sentence for each keyword of a job that has less effect here than on GitLab, in the order of their names. */
export function noticesOf({ name, keywords }: JobConfig): readonly string[] {
  const notices: string[] = []
  for (const keyword of usedKeywords(name, keywords)) {
    const notice = noticeOf(keyword)
    if (notice !== undefined) notices.push(notice)
  }
  return notices.toSorted()
}

function usedKeywords(name: string, keywords: JobKeywords): readonly string[] {
  const used = Object.keys(keywords).filter((keyword) => asksForSomething(keyword, keywords))
  if (keywords.artifacts?.reports !== undefined) used.push('artifacts:reports')
  // A job is a pages job by its name, too; one sentence is enough.
  const others = used.filter((keyword) => keyword !== 'pages' && keyword !== 'publish')
  return pagesOf(name, keywords) === undefined ? others : [...others, 'pages']
}

/** `cache: []` and `interruptible: false` are the words for nothing. */
function asksForSomething(keyword: string, { cache, interruptible, hooks }: JobKeywords): boolean {
  if (keyword === 'cache') return Boolean(cache?.length)
  if (keyword === 'interruptible') return interruptible === true
  return keyword !== 'hooks' || Boolean(hooks?.length)
}
