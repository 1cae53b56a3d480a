/**
 * A filter that the kernel applies to every system call of a job, as the bytes that bubblewrap wants; undefined on a processor
 * whose call numbers are not known here. It forbids what no namespace covers: typing into a terminal (TIOCSTI, TIOCLINUX, CVE-2017-5226),
 * the kernel's key rings and programs for the kernel. A 32-bit program has other numbers and meets the same filter.
 */
export function seccompFilter(architecture: string = process.arch): Buffer | undefined {
  const known = ARCHITECTURES[architecture]
  return known && assemble([LOAD_ARCHITECTURE, ...known.flatMap(blockFor), ALLOW])
}

interface CallNumbers {
  /** As the kernel names it (AUDIT_ARCH_…). */
  readonly architecture: number
  readonly ioctl: number
  /** add_key, request_key, keyctl, bpf. */
  readonly forbidden: readonly number[]
  /** Numbers from here on are the same calls with another size of pointer (x32). */
  readonly otherAbiFrom?: number
}

const ARCHITECTURES: Readonly<Record<string, readonly CallNumbers[]>> = {
  x64: [
    { architecture: 0xc000003e, ioctl: 16, forbidden: [248, 249, 250, 321], otherAbiFrom: 0x40000000 },
    { architecture: 0x40000003, ioctl: 54, forbidden: [286, 287, 288, 357] },
  ],
  arm64: [
    { architecture: 0xc00000b7, ioctl: 29, forbidden: [217, 218, 219, 280] },
    { architecture: 0x40000028, ioctl: 54, forbidden: [309, 310, 311, 386] },
  ],
}

const FORBIDDEN_IOCTLS = [0x5412, 0x541c] // TIOCSTI, TIOCLINUX

interface Instruction {
  readonly code: number
  /** How many instructions to skip when the comparison holds, and when not. */
  readonly yes: number
  readonly no: number
  readonly value: number
}

const load = (offset: number): Instruction => ({ code: 0x20, yes: 0, no: 0, value: offset })
const ifEqual = (value: number, yes: number, no: number): Instruction => ({ code: 0x15, yes, no, value })
const ifAtLeast = (value: number, yes: number, no: number): Instruction => ({ code: 0x35, yes, no, value })
const answer = (value: number): Instruction => ({ code: 0x06, yes: 0, no: 0, value })

// Offsets in `struct seccomp_data`; the kernel itself looks at the low half of an ioctl's number only.
const LOAD_NUMBER = load(0)
const LOAD_ARCHITECTURE = load(4)
const LOAD_IOCTL = load(24)
const ALLOW = answer(0x7fff0000)
const REFUSE = answer(0x00050001) // EPERM
const UNKNOWN = answer(0x00050026) // ENOSYS

/** The checks for one architecture; skipped when the accumulator, which holds the call's, names another. */
function blockFor({ architecture, ioctl, forbidden, otherAbiFrom }: CallNumbers): Instruction[] {
  const calls = forbidden.flatMap((number) => [ifEqual(number, 0, 1), REFUSE])
  const others = otherAbiFrom === undefined ? [] : [ifAtLeast(otherAbiFrom, 0, 1), UNKNOWN]
  const ioctls = [LOAD_IOCTL, ...FORBIDDEN_IOCTLS.flatMap((number) => [ifEqual(number, 0, 1), REFUSE]), ALLOW]
  const body = [LOAD_NUMBER, ...others, ...calls, ifEqual(ioctl, 1, 0), ALLOW, ...ioctls]
  return [ifEqual(architecture, 0, body.length), ...body]
}

function assemble(program: readonly Instruction[]): Buffer {
  const bytes = Buffer.alloc(program.length * 8)
  program.forEach(({ code, yes, no, value }, index) => {
    bytes.writeUInt16LE(code, index * 8)
    bytes.writeUInt8(yes, index * 8 + 2)
    bytes.writeUInt8(no, index * 8 + 3)
    bytes.writeUInt32LE(value, index * 8 + 4)
  })
  return bytes
}
