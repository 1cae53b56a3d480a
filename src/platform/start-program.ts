import { spawn } from 'node:child_process'

/** Starts a program that lives on by itself, without our terminal; false when it cannot be started. */
export function startProgram(file: string, args: readonly string[]): Promise<boolean> {
  const child = spawn(file, [...args], { detached: true, stdio: 'ignore' })
  return new Promise((resolve) => {
    child.once('error', () => resolve(false))
    child.once('spawn', () => {
      child.unref()
      resolve(true)
    })
  })
}
