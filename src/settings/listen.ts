import { err, ok, type Result } from '../shared/result.ts'
import type { ListenAddress } from './settings.ts'

/** `HOST:PORT`, with brackets around an IPv6 address; the error says what is wrong with it. */
export function parseListen(text: string): Result<ListenAddress, string> {
  const match = /^(?:\[([0-9a-fA-F:.]+(?:%[\w.-]+)?)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3])
  if (host === undefined) return err(`"${text}" is not HOST:PORT`)
  return port <= 65535 ? ok({ host, port }) : err(`port ${port} is above 65535`)
}
