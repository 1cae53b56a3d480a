// "three hours" -> "3 hours": the gem numerizer 0.2, which chronic duration stands on. Its oddities are kept: they decide which
// durations GitLab accepts. Order matters everywhere.
import { rubyFloat } from './ruby-float.ts'

const SINGLE = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'].map(
  (word, index) => [word, index + 1] as const,
)

const DIRECT: readonly (readonly [string, string])[] = [
  ...[
    'eleven',
    'twelve',
    'thirteen',
    'fourteen',
    'fifteen',
    'sixteen',
    'seventeen',
    'eighteen',
    'nineteen',
  ].map((word, index) => [word, String(index + 11)] as const),
  ['ninteen', '19'],
  ['zero', '0'],
  ['ten', '10'],
  ['\\ba[\\b^$]', '1'],
  ...SINGLE.map(([word, number]) => [word, String(number)] as const),
]

const TENS: readonly (readonly [string, number])[] = [
  ['twenty', 20],
  ['thirty', 30],
  ['forty', 40],
  ['fourty', 40],
  ['fifty', 50],
  ['sixty', 60],
  ['seventy', 70],
  ['eighty', 80],
  ['ninety', 90],
]

const SINGLE_ORDINALS: readonly (readonly [string, number])[] = [
  ['first', 1],
  ['third', 3],
  ['fourth', 4],
  ['fifth', 5],
  ['sixth', 6],
  ['seventh', 7],
  ['eighth', 8],
  ['ninth', 9],
]

const DIRECT_ORDINALS: readonly (readonly [string, number])[] = [
  ['tenth', 10],
  ['eleventh', 11],
  ['twelfth', 12],
  ['thirteenth', 13],
  ['fourteenth', 14],
  ['fifteenth', 15],
  ['sixteenth', 16],
  ['seventeenth', 17],
  ['eighteenth', 18],
  ['nineteenth', 19],
  ['twentieth', 20],
  ['thirtieth', 30],
  ['fourtieth', 40],
  ['fiftieth', 50],
  ['sixtieth', 60],
  ['seventieth', 70],
  ['eightieth', 80],
  ['ninetieth', 90],
]

const FRACTIONS: readonly (readonly [string, number])[] = [
  ['half', 2],
  ['thirds?', 3],
  ['fourths?', 4],
  ['quarters?', 4],
  ['fifths?', 5],
  ['sixths?', 6],
  ['sevenths?', 7],
  ['eighths?', 8],
  ['nineths?', 9],
]

const BIG: readonly (readonly [string, bigint])[] = [
  ['hundred', 100n],
  ['thousand', 1_000n],
  ['million', 1_000_000n],
  ['billion', 1_000_000_000n],
  ['trillion', 1_000_000_000_000n],
]

/** Built when first needed. */
let steps: readonly (readonly [RegExp, string])[] | undefined

/** The text with its English number words written as digits. */
export function numerize(text: string): string {
  let result = text.replaceAll(/ +|([^\d])-([^\d])/g, '$1 $2')
  steps ??= wordSteps()
  for (const [pattern, replacement] of steps) result = result.replaceAll(pattern, replacement)
  result = result.replaceAll(
    /(\d+)(?: | and |-)+(?:<num>|\s)*(\d+)\s*\/\s*(\d+)/gi,
    (_, whole: string, over: string, under: string) =>
      rubyFloat(Number(whole) + Number(over) / Number(under)),
  )
  for (const [word, size] of BIG) {
    const pattern = new RegExp(`(?:<num>)?(\\d*) *${word}`, 'gi')
    result = addNeighbours(
      result.replaceAll(pattern, (_, count: string) =>
        count === '' ? String(size) : `<num>${size * BigInt(count)}`,
      ),
    )
  }
  return addNeighbours(result).replaceAll('<num>', '')
}

function wordSteps(): [RegExp, string][] {
  const list: [RegExp, string][] = []
  const word = (pattern: string, replacement: string): void =>
    void list.push([new RegExp(`(^|\\W)${pattern}(?=$|\\W)`, 'gim'), `$1<num>${replacement}`])
  for (const [name, number] of DIRECT) word(name, number)
  for (const [ten, tens] of TENS) {
    for (const [name, number] of SINGLE) word(ten + name, String(tens + number))
    for (const [name, number] of SINGLE_ORDINALS)
      word(`${ten}\\s?${name}`, `${tens + number}${name.slice(-2)}`)
    word(ten, String(tens))
  }
  for (const [name, number] of FRACTIONS) {
    list.push([new RegExp(`a ${name}(?=$|\\W)`, 'gim'), `<num>1/${number}`])
    list.push([new RegExp(`\\s${name}(?=$|\\W)`, 'gim'), `/${number}`])
  }
  for (const [name, number] of [...DIRECT_ORDINALS, ...SINGLE_ORDINALS])
    word(name, `${number}${name.slice(-2)}`)
  return list
}

/** "<num>100 and <num>5" -> "<num>105", "<num>20 <num>5" -> "<num>25", but never "<num>5 <num>20". */
function addNeighbours(text: string): string {
  const pattern = /<num>(\d+)( | and )<num>(\d+)(?=[^\w]|$)/gim
  let result = text
  for (let found = pattern.exec(result); found; found = pattern.exec(result)) {
    const [whole, first = '', between = '', second = ''] = found
    if (!/and/.test(between) && first.length <= second.length) continue
    result = `${result.slice(0, found.index)}<num>${BigInt(first) + BigInt(second)}${result.slice(found.index + whole.length)}`
    pattern.lastIndex = 0
  }
  return result
}
