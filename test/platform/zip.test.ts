import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  createWriteStream,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import { archiveEntries, openArchiveFile, openArchiveZip } from '../../src/platform/archive-folder.ts'
import { extractZip } from '../../src/platform/zip-extract.ts'
import {
  centralHeader,
  endRecords,
  FLAG_UTF8,
  localHeader,
  STORED,
  type ZipHeader,
} from '../../src/platform/zip-format.ts'
import { crc32 } from 'node:zlib'
import { writeZip } from '../../src/platform/zip-writer.ts'
import { temporaryFolder } from '../support/state-folder.ts'

const LIMITS = { bytes: 1e9, entries: 10_000 }
let folder = ''
let zip = ''
beforeEach(() => {
  const root = temporaryFolder()
  folder = join(root, 'tree')
  zip = join(root, 'artifacts.zip')
  mkdirSync(join(folder, 'd/ü'), { recursive: true })
  mkdirSync(join(folder, 'empty'))
  writeFileSync(join(folder, 'run.sh'), '#!/bin/sh\n'.repeat(50))
  chmodSync(join(folder, 'run.sh'), 0o755)
  writeFileSync(join(folder, 'd/ü/ñ'), '')
  writeFileSync(join(folder, 'd/large'), Buffer.alloc(3_000_000, 'abcdefg'))
  writeFileSync(join(folder, 'd/random'), Buffer.from('q8#Zx'))
  symlinkSync('run.sh', join(folder, 'link'))
  symlinkSync('/etc/passwd', join(folder, 'outside'))
  utimesSync(join(folder, 'run.sh'), 1_700_000_000, 1_700_000_000)
})

const write = (): Promise<void> => pipeline(openArchiveZip(folder), createWriteStream(zip))
const python = (code: string): unknown =>
  JSON.parse(
    execFileSync('python3', ['-c', `import json,sys,zipfile\nz=zipfile.ZipFile(sys.argv[1])\n${code}`, zip], {
      encoding: 'utf8',
    }),
  )

describe('a zip of a folder', () => {
  it('is one that Python reads: entries by name, modes, links, times', async () => {
    await write()
    expect(python('print(json.dumps([z.testzip()]+z.namelist()))')).toEqual([
      null, 'd/', 'd/large', 'd/random', 'd/ü/', 'd/ü/ñ', 'empty/', 'link', 'outside', 'run.sh',
    ]) // prettier-ignore
    expect(
      python(
        "print(json.dumps([oct(z.getinfo(n).external_attr>>16) for n in ('d/','link','run.sh','d/large')]))",
      ),
    ).toEqual(['0o40755', '0o120777', '0o100755', '0o100644'])
    expect(python("print(json.dumps([z.read('link').decode(), z.read('run.sh').decode(), z.getinfo('run.sh').date_time]))")).toEqual([
      'run.sh', '#!/bin/sh\n'.repeat(50), [2023, 11, 14, 22, 13, 20],
    ]) // prettier-ignore
  })

  it('comes back the same', async () => {
    await write()
    const back = join(folder, '..', 'back')
    mkdirSync(back)
    expect(await extractZip(zip, back, LIMITS)).toEqual({ ok: true, value: { files: 6, bytes: 3_000_505 } })
    const seconds = (path: string) =>
      archiveEntries(path).map(({ mtime, ...entry }) => ({
        ...entry,
        mtime: entry.kind === 'file' ? Math.floor(mtime / 1000) : 0,
      }))
    expect(seconds(back)).toEqual(seconds(folder))
    expect(readFileSync(join(back, 'd/large'))).toEqual(readFileSync(join(folder, 'd/large')))
    expect(readlinkSync(join(back, 'outside'))).toBe('/etc/passwd')
  })

  it('lists and opens single files, never through links', async () => {
    expect(archiveEntries(folder).map(({ path, kind, size }) => [path, kind, size])).toEqual([
      ['d', 'folder', 0], ['d/large', 'file', 3_000_000], ['d/random', 'file', 5], ['d/ü', 'folder', 0], ['d/ü/ñ', 'file', 0],
      ['empty', 'folder', 0], ['link', 'link', 0], ['outside', 'link', 0], ['run.sh', 'file', 500],
    ]) // prettier-ignore
    const file = await openArchiveFile(folder, 'd/random')
    expect(await file?.handle.readFile('utf8')).toBe('q8#Zx')
    await file?.handle.close()
    for (const path of [
      '',
      'd',
      'none',
      'link',
      'outside',
      '../tree/run.sh',
      '/etc/passwd',
      'd/../run.sh',
      'x\0',
      'a'.repeat(5000),
      'run.sh/x',
    ])
      expect(await openArchiveFile(folder, path)).toBeUndefined()
  })

  it('ends with an error when the folder is gone', async () => {
    await expect(pipeline(openArchiveZip(join(folder, 'none')), createWriteStream(zip))).rejects.toThrow(
      'ENOENT',
    )
  })
})

it('a zip of more than 65,535 entries, or of a file that may be over 4 GiB, is one that Python reads, too', async () => {
  const many = Array.from(
    { length: 70_000 },
    (_, n) => ({ kind: 'folder', name: `d${n}`, mode: 0o755, mtime: 0 }) as const,
  )
  async function* content(): AsyncGenerator<Buffer> {
    yield Buffer.from('said to be long')
  }
  const long = { kind: 'file', name: 'long', mode: 0o644, mtime: 0, size: 5e9, open: content } as const
  await pipeline(
    writeZip([...many, long, { ...long, name: 'last', size: 3, open: () => Buffer.from('end') }]),
    createWriteStream(zip),
  )
  expect(
    python("print(json.dumps([len(z.namelist()), z.read('long').decode(), z.read('last').decode()]))"),
  ).toEqual([70_002, 'said to be long', 'end'])
  const target = join(folder, 'target')
  mkdirSync(target)
  expect(await extractZip(zip, target, { bytes: 1000, entries: 10 })).toMatchObject({ ok: false })
})

it('what zip and Python write is unpacked, stored and deflated', async () => {
  execFileSync('python3', [
    '-c',
    "import sys,zipfile\nz=zipfile.ZipFile(sys.argv[1],'w')\nz.writestr('a/s','stored')\nz.writestr('a/d','d'*1000,zipfile.ZIP_DEFLATED)\nz.close()",
    zip,
  ])
  expect(await extractZip(zip, folder, LIMITS)).toEqual({ ok: true, value: { files: 2, bytes: 1006 } })
  expect(readFileSync(join(folder, 'a/s'), 'utf8')).toBe('stored')
  expect(readFileSync(join(folder, 'a/d'), 'utf8')).toBe('d'.repeat(1000))
})

interface Raw {
  readonly name: string
  readonly content: string
  readonly mode?: number
  readonly crc?: number
}

/** A zip as somebody with bad intentions writes it. */
function craft(entries: readonly Raw[]): Buffer {
  const parts: Buffer[] = []
  const central: Buffer[] = []
  let offset = 0
  for (const { name, content, mode = 0o100644, crc } of entries) {
    const bytes = Buffer.from(content)
    const header: ZipHeader = {
      name: Buffer.from(name), method: STORED, flags: FLAG_UTF8, crc: crc ?? crc32(bytes), compressed: bytes.length, size: bytes.length,
      mode, mtime: 0, offset, zip64: false,
    } // prettier-ignore
    const part = Buffer.concat([localHeader(header), bytes])
    parts.push(part)
    central.push(centralHeader(header))
    offset += part.length
  }
  const directory = Buffer.concat(central)
  return Buffer.concat([...parts, directory, endRecords(central.length, offset, directory.length)])
}

describe('a bad zip', () => {
  it.each<[string, () => Buffer, string]>([
    ['no zip', () => Buffer.from('hello'), 'the file is not a zip archive'],
    ['nothing', () => Buffer.alloc(0), 'the file is not a zip archive'],
    ['leads up', () => craft([{ name: '../evil', content: 'x' }]), 'the name "../evil" leads out of the archive'],
    ['leads up later', () => craft([{ name: 'a/../../evil', content: 'x' }]), 'the name "a/../../evil" leads out of the archive'],
    ['is absolute', () => craft([{ name: '/evil', content: 'x' }]), 'the name "/evil" leads out of the archive'],
    ['has a wrong sum', () => craft([{ name: 'a', content: 'x', crc: 1 }]), 'the entry a is damaged'],
    ['is cut', () => craft([{ name: 'a', content: 'x'.repeat(100) }]).subarray(60), 'the directory of the archive is damaged'],
    ['is too large', () => craft([{ name: 'a', content: 'x'.repeat(101) }]), 'the archive is larger than allowed when it is unpacked'],
    ['has too many entries', () => craft(Array.from({ length: 5 }, (_, n) => ({ name: `${n}`, content: '' }))), 'the archive has 5 entries, more than 4'],
  ])('that %s is refused', async (_, make, message) => {
    writeFileSync(zip, make())
    const target = join(folder, 'target')
    mkdirSync(target)
    expect(await extractZip(zip, target, { bytes: 100, entries: 4 })).toEqual({ ok: false, error: message })
    expect(existsSync(join(folder, 'evil'))).toBe(false)
  }) // prettier-ignore

  it('that writes through its own link writes into a folder of its own instead', async () => {
    const elsewhere = join(folder, 'elsewhere')
    mkdirSync(elsewhere)
    writeFileSync(
      zip,
      craft([
        { name: 'way', content: elsewhere, mode: 0o120777 },
        { name: 'way/file', content: 'x' },
        { name: 'file', content: 'own' },
        { name: 'file', content: elsewhere, mode: 0o120777 },
      ]),
    )
    const target = join(folder, 'target')
    mkdirSync(target)
    await extractZip(zip, target, LIMITS)
    expect(existsSync(join(elsewhere, 'file'))).toBe(false)
    expect(lstatSync(join(target, 'file')).isSymbolicLink()).toBe(true)
  })

  it('that is a bomb stops at the limit', async () => {
    execFileSync('python3', [
      '-c',
      "import sys,zipfile\nz=zipfile.ZipFile(sys.argv[1],'w',zipfile.ZIP_DEFLATED)\nz.writestr('a',b'0'*50000000)\nz.close()",
      zip,
    ])
    expect(await extractZip(zip, folder, { bytes: 1_000_000, entries: 10 })).toEqual({
      ok: false,
      error: 'the archive is larger than allowed when it is unpacked',
    })
  })

  it('of random bytes never throws', async () => {
    const good = craft([
      { name: 'a/b', content: 'hello hello hello' },
      { name: 'c', content: 'a/b', mode: 0o120777 },
    ])
    for (let at = 0; at < good.length; at++) {
      const bytes = Buffer.from(good)
      bytes[at] = (bytes[at] ?? 0) ^ 0x55
      writeFileSync(zip, bytes)
      const target = join(folder, `t${at}`)
      mkdirSync(target)
      const result = await extractZip(zip, target, { bytes: 1000, entries: 10 })
      expect(typeof result.ok).toBe('boolean')
    }
  })
})
