/** What one request asked for; without a limit only id, type and size. */
export interface Question {
  readonly name: string
  /** Bytes of content that are wanted at most. */
  readonly limit: number | undefined
}

export interface Answer {
  /** Full object id. */
  readonly id: string
  /** `blob`, `tree`, `commit` or `tag`. */
  readonly type: string
  /** Bytes. */
  readonly size: number
  /** Null when only facts were asked for, or the object is larger than the limit. */
  readonly bytes: Buffer | null
}

/** A content that is on its way: `size` bytes and a line feed. */
interface Body {
  readonly facts: Answer
  readonly left: Buffer | undefined
  read: number
}

/**
 * Reads what `git cat-file --batch-command` prints, in pieces of any size. `asked` gives the request that the next answer
 * belongs to, `done` takes the answer (undefined: no such object). The function that is returned gives false when the output
 * makes no sense; the process is then of no more use.
 */
export function createAnswerReader(
  asked: () => Question | undefined,
  done: (answer: Answer | undefined) => void,
): (chunk: Buffer) => boolean {
  let header: Buffer = Buffer.alloc(0)
  let body: Body | undefined

  function readBody(current: Body, chunk: Buffer): Buffer {
    const { size } = current.facts
    if (current.left) chunk.copy(current.left, current.read, 0, size - current.read)
    const taken = Math.min(chunk.length, size + 1 - current.read)
    current.read += taken
    if (current.read === size + 1) {
      body = undefined
      done({ ...current.facts, bytes: current.left ?? null })
    }
    return chunk.subarray(taken)
  }

  function readHeader(question: Question, chunk: Buffer): Buffer | undefined {
    header = header.length === 0 ? chunk : Buffer.concat([header, chunk])
    const end = endOfHeader(question.name, header)
    if (end === 'more') return Buffer.alloc(0)
    const rest = header.subarray(end.bytes)
    const line = header.subarray(0, end.bytes).toString('latin1')
    header = Buffer.alloc(0)
    if (end.missing) {
      done(undefined)
      return rest
    }
    const [, id, type, size] = /^([0-9a-f]+) (\w+) (\d+)\n$/.exec(line) ?? []
    if (id === undefined || type === undefined) return undefined
    const facts: Answer = { id, type, size: Number(size), bytes: null }
    if (question.limit === undefined) done(facts)
    else
      body = {
        facts,
        left: facts.size > question.limit ? undefined : Buffer.allocUnsafe(facts.size),
        read: 0,
      }
    return rest
  }

  return (chunk) => {
    let rest: Buffer | undefined = chunk
    while (rest !== undefined && rest.length > 0) {
      const question = asked()
      if (body) rest = readBody(body, rest)
      else rest = question && readHeader(question, rest)
    }
    return rest !== undefined
  }
}

/**
 * Where the first line ends. For an object that is not there git repeats the name as it was asked for, which may hold line feeds
 * of its own, so that answer is recognised by the name.
 */
function endOfHeader(
  name: string,
  text: Buffer,
): 'more' | { readonly bytes: number; readonly missing: boolean } {
  for (const word of ['missing', 'ambiguous']) {
    const line = Buffer.from(`${name} ${word}\n`)
    const common = Math.min(line.length, text.length)
    if (text.compare(line, 0, common, 0, common) !== 0) continue
    return common === line.length ? { bytes: common, missing: true } : 'more'
  }
  const newline = text.indexOf(0x0a)
  return newline === -1 ? 'more' : { bytes: newline + 1, missing: false }
}
