import type { Request } from 'express'
import type { TriggerRequest } from '../../../model/provenance.ts'
import { shortToken } from '../../../model/trigger.ts'
import { arrivalOf } from '../../arrival.ts'
import type { ParamMap, RequestValue } from '../../body/request-value.ts'
import { requestForm } from './request-form.ts'
import { variableKeys } from './trigger-call.ts'

/** Longer texts of a stranger's are cut before they are kept. */
const MAX_TEXT = 1024
const MAX_KEYS = 1000
const LEAST_TOKEN = 16

/** What is kept of a request to a trigger route, whatever becomes of it. No value of a variable, no token. */
export function describeRequest(request: Request, params: ParamMap, body: ParamMap): TriggerRequest {
  const { receivedAt, remoteAddress } = arrivalOf(request)
  const ref = params.get('ref')
  const projectRef = params.get('id')
  return {
    projectRef: typeof projectRef === 'string' ? cut(projectRef) : '',
    projectId: null,
    triggerId: null,
    form: requestForm(request.headers, { webhookRoute: 'ref' in request.params, emptyBody: body.size === 0 }),
    remoteAddress,
    userAgent: cut(request.headers['user-agent'] ?? ''),
    ref: typeof ref === 'string' ? cut(ref) : null,
    receivedAt,
    shortToken: shown(params.get('token')),
    variableKeys: variableKeys(params).slice(0, MAX_KEYS).map(cut),
  }
}

/** Four characters, of what is long enough to have a secret left. */
function shown(token: RequestValue | undefined): string | null {
  return typeof token === 'string' && token.length >= LEAST_TOKEN ? shortToken(token) : null
}

function cut(text: string): string {
  return text.slice(0, MAX_TEXT)
}
