import { Busboy } from '@fastify/busboy'
import { assignRackParam, type FilePart, type Params } from '../../shared/rack-params.ts'
import { err, ok, type Result } from '../../shared/result.ts'
import type { Problem } from '../problems.ts'
import { MAX_BODY_BYTES } from './read-body.ts'
import type { ParamMap } from './request-value.ts'

/** Rack's `multipart_total_part_limit`. */
const MAX_PARTS = 4096
const MAX_NAME_BYTES = 1024

/** Text fields become parameters by Rack's rules; of a file part only its name is kept, its bytes are dropped as they are read. */
export function parseMultipart(contentType: string, body: Buffer): Promise<Result<ParamMap, Problem>> {
  return new Promise((resolve) => {
    const params: Params = new Map()
    const refuse = (reason: string): void => resolve(err({ kind: 'bad_request', reason }))
    const assign = (name: string, value: string | FilePart): void => {
      const assigned = assignRackParam(params, name, value)
      if (!assigned.ok) refuse(assigned.error)
    }
    const parser = openParser(contentType)
    if (!parser) return refuse('multipart body without boundary')
    parser.on('field', (name, value, nameTruncated) => {
      if (nameTruncated) refuse('a field name is too long')
      else assign(name, value)
    })
    parser.on('file', (name, file, filename) => {
      file.resume()
      // Rack: an empty file name means that no file was chosen.
      if (filename !== '') assign(name, { kind: 'file', filename })
    })
    parser.on('partsLimit', () => resolve(err({ kind: 'body_too_large' })))
    parser.on('error', () => refuse('bad content body'))
    parser.on('finish', () => resolve(ok(params)))
    parser.end(body)
  })
}

function openParser(contentType: string): InstanceType<typeof Busboy> | undefined {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      isPartAFile: (_name, _type, filename) => filename !== undefined,
      limits: { fieldNameSize: MAX_NAME_BYTES, fieldSize: MAX_BODY_BYTES, parts: MAX_PARTS },
    })
  } catch {
    return undefined // Busboy throws for a content type that it cannot use
  }
}
