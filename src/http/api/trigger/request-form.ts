import type { IncomingHttpHeaders } from 'node:http'
import type { RequestForm } from '../../../model/provenance.ts'
import { mediaTypeOf } from '../../body/parse-body.ts'

/** How a trigger request was written. A body that says nothing (gitbeaker always sends `{}`) leaves the query's form. */
export function requestForm(
  headers: IncomingHttpHeaders,
  facts: { readonly webhookRoute: boolean; readonly emptyBody: boolean },
): RequestForm {
  if (facts.webhookRoute || headers['x-gitlab-event'] !== undefined) return 'webhook'
  if (facts.emptyBody) return 'query'
  const mediaType = mediaTypeOf(headers['content-type'])
  if (mediaType === 'multipart/form-data') return 'multipart'
  return mediaType === 'application/json' ? 'json' : 'urlencoded'
}
