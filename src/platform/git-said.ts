import { spawn } from 'node:child_process'
import { gitInvocation, type GitCommand } from './git-command.ts'

/** Both streams of a command are kept up to here. */
const MOST_KEPT = 1024 * 1024

/** Everything that one git command said, in its order, and how it ended; -1: it could not be started. Never rejects. */
export function gitSays(
  command: Pick<GitCommand, 'place' | 'args' | 'settings' | 'env'> & { readonly signal?: AbortSignal },
): Promise<{ readonly code: number; readonly said: string }> {
  return new Promise((resolve) => {
    const { args, env } = gitInvocation(command.place, command.settings)
    const child = spawn('git', [...args, ...command.args], {
      cwd: '/',
      env: { ...env, ...command.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(command.signal && { signal: command.signal }),
    })
    const pieces: Buffer[] = []
    let size = 0
    const add = (piece: Buffer): void => {
      size += piece.length
      if (size <= MOST_KEPT) pieces.push(piece)
    }
    child.stdout.on('data', add)
    child.stderr.on('data', add)
    const said = (): string => Buffer.concat(pieces).toString()
    child.on('error', (error) => resolve({ code: -1, said: `${said()}git: ${error.message}\n` }))
    child.on('close', (code) => resolve({ code: code ?? -1, said: said() }))
  })
}
