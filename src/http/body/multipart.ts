import { Busboy } from '@fastify/busboy'
import { assignRackParam, type FilePart, type Params } from '../../shared/rack-params.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { Problem } from '../problems.ts'
import type { ParamMap, ParamLimits } from './request-value.ts'

const MAX_NAME_BYTES = 1024

/** Text fields become parameters by Rack's rules; of a file part only its name is kept, its bytes are dropped as they are read. */
export function parseMultipart(
  contentType: string,
  body: Buffer,
  limits: ParamLimits,
): Promise<Result<ParamMap, Problem>> {
  return new Promise((resolve, reject) => {
    const params: Params = new Map()
    const refuse = (reason: string): void => resolve(err({ kind: 'bad_request', reason }))
    const assign = (name: string, value: string | FilePart): void => {
      try {
        const assigned = assignRackParam(params, name, value, limits.parameterDepth)
        if (!assigned.ok) refuse(assigned.error)
      } catch (error) {
        // What an event's listener throws would end the process.
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    }
    const parser = openParser(contentType, body.length, limits)
    if (!parser) return refuse('multipart body without boundary')
    parser.on('field', (name: string | undefined, value, nameTruncated, _truncated, _encoding, type) => {
      if (nameTruncated) refuse('a field name is too long')
      // Rack: what has no name is one of a list named after its type.
      else assign(name || `${type || 'text/plain'}[]`, value)
    })
    parser.on('file', (name: string | undefined, file, filename) => {
      // A file that breaks off says so on its own stream; unheard, that would end the process.
      file.on('error', () => refuse('bad content body')).resume()
      // Rack: an empty file name means that no file was chosen.
      if (filename !== '') assign(name || filename, { kind: 'file', filename })
    })
    parser.on('partsLimit', () => resolve(err({ kind: 'body_too_large' })))
    parser.on('error', () => refuse('bad content body'))
    parser.on('finish', () => resolve(ok(params)))
    parser.end(body)
  })
}

function openParser(
  contentType: string,
  bytes: number,
  limits: ParamLimits,
): InstanceType<typeof Busboy> | undefined {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      isPartAFile: (_name, _type, filename) => filename !== undefined,
      limits: { fieldNameSize: MAX_NAME_BYTES, fieldSize: bytes, parts: limits.parameters },
    })
  } catch {
    return undefined // Busboy throws for a content type that it cannot use
  }
}
