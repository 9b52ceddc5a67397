/** Problems that parsing a text hides: repeated keys and invisible characters. Several rules use it. */
import { JsonError, readYamlDocuments } from '../../../json/index.ts'
import { describeInvisible, invisibleCharacters, quoteText } from '../../../visible-text.ts'
import { type Finding, type FindingPlace, makeFinding } from '../finding.ts'

/** A few are enough to find the rest. */
const MAX_REPEATED = 5
const MAX_INVISIBLE = 3

export interface WrittenText {
  readonly text: string
  readonly where: FindingPlace
  readonly revision?: string | undefined
  /** The lines before it, where it is a part of another text. */
  readonly before?: number
}

export function repeatedKeys({ text, where, revision, before = 0 }: WrittenText): readonly Finding[] {
  const found: Finding[] = []
  const onRepeatedKey = (key: string, first: number, line: number): void => {
    if (found.length >= MAX_REPEATED) return
    found.push(
      makeFinding('key-repeated', {
        revision,
        where: { ...where, path: key, line: line + before },
        message:
          first === line
            ? `${quoteText(key)} occurs twice on line ${line + before}; the last value is used`
            : `${quoteText(key)} occurs on lines ${first + before} and ${line + before} of the same map; the last value is used`,
        expected: 'each key once',
      }),
    )
  }
  try {
    readYamlDocuments(text, { onRepeatedKey, limits: { maxBytes: text.length } })
  } catch (error) {
    // The reader of the text reports it.
    if (!(error instanceof JsonError)) throw error
  }
  return found
}

export function invisibleIn({ text, where, revision, before = 0 }: WrittenText): readonly Finding[] {
  const found: Finding[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const all = invisibleCharacters(line)
    const comment = all.length === 0 ? line.length : commentStart(line)
    const characters = all.filter(
      ({ code, column }) =>
        // A byte order mark at the beginning is one.
        !(code === 0xfeff && index === 0 && column === 1) && column <= comment,
    )
    if (characters.length === 0) continue
    const number = index + 1 + before
    found.push(
      makeFinding('invisible-character', {
        revision,
        where: { ...where, line: number },
        message: `line ${number} has ${characters.map(describeInvisible).join(', ')}`,
        expected: 'ordinary blanks, or the character as an escape in double quotes',
      }),
    )
    if (found.length === MAX_INVISIBLE) break
  }
  return found
}

/** What stands before a quoted scalar. A quote elsewhere is a character of a plain scalar. */
const BEFORE_QUOTED = new Set(['', '[', '{', ',', ':', '-', '?'])

/** The index of a `#` that begins a comment: at the beginning or after a blank, and not in a quoted scalar; else the length. */
function commentStart(line: string): number {
  let quote = ''
  let before = ''
  for (let i = 0; i < line.length; i++) {
    const character = line.charAt(i)
    const next = line.charAt(i + 1)
    if (quote !== '') {
      if ((quote === '"' && character === '\\') || (quote === "'" && character === "'" && next === "'")) i++
      else if (character === quote) quote = ''
    } else if (character === '#' && (i === 0 || isBlank(line.charAt(i - 1)))) return i
    else if ((character === '"' || character === "'") && BEFORE_QUOTED.has(before)) quote = character
    if (!isBlank(character)) before = character
  }
  return line.length
}

function isBlank(character: string): boolean {
  return character === ' ' || character === '\t'
}
