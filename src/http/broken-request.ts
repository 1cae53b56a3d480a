import type { Duplex } from 'node:stream'

/** What is said to a sender whose bytes are no request, or came too slowly, or have too long a head. Node's own answers have no body. */
const ANSWERS: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: '413 Payload Too Large',
}

/** nginx, which stands before GitLab: an address that is too long is not the same as too many headers. */
const TARGET_TOO_LONG = '414 URI Too Long'

export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const status = endsInTarget(error) ? TARGET_TOO_LONG : (ANSWERS[error.code ?? ''] ?? '400 Bad Request')
  const body = JSON.stringify({ message: status })
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  )
}

/** The head was too long before its first line was over. */
function endsInTarget(error: NodeJS.ErrnoException): boolean {
  if (error.code !== 'HPE_HEADER_OVERFLOW' || !('rawPacket' in error)) return false
  const { rawPacket } = error
  if (!Buffer.isBuffer(rawPacket)) return false
  const parsed = 'bytesParsed' in error ? Number(error.bytesParsed) : rawPacket.length
  return /^[A-Z]+ \S*$/.test(rawPacket.toString('latin1', 0, parsed))
}
