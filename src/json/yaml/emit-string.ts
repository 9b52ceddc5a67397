/**
 * The form of one string in YAML (plain, quoted or a block of text), its escapes and folding. The rules are those of
 * go-yaml v2's encoder (quote what would be read back as another type) and emitter (what each form can represent).
 */
import { BREAK, classOf } from './chars.ts'
import { isTimestamp, resolvePlain } from './resolve.ts'

/** The writer that strings go to. */
export interface StringSink {
  readonly column: number
  indention: boolean
  write(text: string): void
  writeBreak(lineBreak?: string): void
  writeIndent(): void
  writeIndicator(text: string, separate: boolean): void
  startBlockText(): void
}

/** A space past this column may become a line break. */
const BEST_WIDTH = 80

/** @param mayFold false for a key on one line with its value */
export function writeString(sink: StringSink, value: string, mayFold: boolean): void {
  const form = chooseForm(value, mayFold)
  if (form === 'plain') {
    sink.writeIndicator('', true)
    writeFolded(sink, value, mayFold, false)
    sink.indention = false
  } else if (form === 'single') {
    sink.writeIndicator("'", true)
    writeFolded(sink, value, mayFold, true)
    sink.writeIndicator("'", false)
  } else if (form === 'literal') {
    writeLiteral(sink, value)
  } else {
    writeDoubleQuoted(sink, value, mayFold)
  }
}

type Form = 'plain' | 'single' | 'double' | 'literal'

/** Most strings: they begin with a letter that no word of another type starts with, and contain nothing special. */
const OBVIOUSLY_PLAIN = /^[a-eg-mp-su-xzA-EG-MP-SU-XZ/_][\w./-]*$/

function chooseForm(value: string, mayFold: boolean): Form {
  if (OBVIOUSLY_PLAIN.test(value)) return 'plain'
  const can = analyze(value)
  if (value.includes('\n')) return can.literal && mayFold ? 'literal' : 'double'
  if (readsBackOtherwise(value)) return 'double'
  if (can.plain) return 'plain'
  return can.single ? 'single' : 'double'
}

const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/

function readsBackOtherwise(value: string): boolean {
  return typeof resolvePlain(value) !== 'string' || isTimestamp(value) || BASE_60.test(value)
}

interface Forms {
  readonly plain: boolean
  readonly single: boolean
  readonly literal: boolean
}

/**
 * Excludes what YAML shows unescaped: not control characters, not U+FEFF, and for this emitter nothing above U+FFFF.
 */
const SPECIAL = /[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/
const LINE_BREAK = /[\n\u2028\u2029]/
const BREAK_THEN_SPACE = /[\n\u2028\u2029] /
const SPACE_THEN_BREAK = / [\n\u2028\u2029]/
const EDGE_SPACE_OR_BREAK = /^[ \n\u2028\u2029]|[ \n\u2028\u2029]$/
/** At the start: indicators; `---` and `...`; `-`, `?`, `:` before white space. Inside: `: ` and ` #`. */
const INDICATED = /^[#,[\]{}&*!|>'"%@`]|^---|^\.\.\.|^[-?:](?:[ \t]|$)|:(?:[ \t]|$)|[ \t\n\r\0\u2028\u2029]#/

function analyze(value: string): Forms {
  if (value === '') return { plain: true, single: true, literal: false }
  if (SPECIAL.test(value) || SPACE_THEN_BREAK.test(value))
    return { plain: false, single: false, literal: false }
  const breakSpace = BREAK_THEN_SPACE.test(value)
  return {
    plain: !LINE_BREAK.test(value) && !EDGE_SPACE_OR_BREAK.test(value) && !INDICATED.test(value),
    single: !breakSpace,
    literal: !value.endsWith(' '),
  }
}

/** Plain and single-quoted text: spaces past the width and line breaks move to a new line. */
function writeFolded(sink: StringSink, value: string, mayFold: boolean, quoted: boolean): void {
  let afterSpace = false
  let afterBreak = false
  for (let i = 0; i < value.length; i++) {
    const char = value.charAt(i)
    if (char === ' ') {
      const inside = !quoted || (i > 0 && i < value.length - 1)
      if (mayFold && !afterSpace && sink.column > BEST_WIDTH && inside && value.charAt(i + 1) !== ' ') {
        sink.writeIndent()
      } else {
        sink.write(' ')
      }
      afterSpace = true
    } else if ((classOf(char.charCodeAt(0)) & BREAK) !== 0) {
      if (!afterBreak && char === '\n') sink.writeBreak()
      sink.writeBreak(char)
      sink.indention = true
      afterBreak = true
    } else {
      if (afterBreak) sink.writeIndent()
      sink.write(quoted && char === "'" ? "''" : char)
      sink.indention = false
      afterSpace = false
      afterBreak = false
    }
  }
}

function writeLiteral(sink: StringSink, value: string): void {
  const first = value.charCodeAt(0)
  const hint = first === 0x20 || (classOf(first) & BREAK) !== 0 ? '2' : ''
  const endsInBreak = (classOf(value.charCodeAt(value.length - 1)) & BREAK) !== 0
  const endsInBreaks = value.length === 1 || (classOf(value.charCodeAt(value.length - 2)) & BREAK) !== 0
  sink.writeIndicator(`|${hint}${!endsInBreak ? '-' : endsInBreaks ? '+' : ''}`, true)
  sink.startBlockText()
  let afterBreak = true
  for (let i = 0; i < value.length; ) {
    if ((classOf(value.charCodeAt(i)) & BREAK) !== 0) {
      sink.writeBreak(value.charAt(i))
      sink.indention = true
      afterBreak = true
      i++
      continue
    }
    if (afterBreak) sink.writeIndent()
    const start = i
    while (i < value.length && (classOf(value.charCodeAt(i)) & BREAK) === 0) i++
    sink.write(value.slice(start, i))
    sink.indention = false
    afterBreak = false
  }
}

const ESCAPES: ReadonlyMap<number, string> = new Map([
  [0x00, '\\0'],
  [0x07, '\\a'],
  [0x08, '\\b'],
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0b, '\\v'],
  [0x0c, '\\f'],
  [0x0d, '\\r'],
  [0x1b, '\\e'],
  [0x22, '\\"'],
  [0x5c, '\\\\'],
  [0x85, '\\N'],
  [0xa0, '\\_'],
  [0x2028, '\\L'],
  [0x2029, '\\P'],
])

function writeDoubleQuoted(sink: StringSink, value: string, mayFold: boolean): void {
  sink.writeIndicator('"', true)
  // go-yaml v2 checks for a byte order mark at the start only, but does so for every character.
  const escapeAll = value.startsWith('\ufeff')
  let afterSpace = false
  let i = 0
  for (const char of value) {
    // Every character of a string has a code point.
    const code = char.codePointAt(0) as number
    if (escapeAll || code === 0x22 || code === 0x5c || SPECIAL.test(char) || (classOf(code) & BREAK) !== 0) {
      sink.write(ESCAPES.get(code) ?? numericEscape(code))
      afterSpace = false
    } else if (
      code === 0x20 &&
      mayFold &&
      !afterSpace &&
      sink.column > BEST_WIDTH &&
      i > 0 &&
      i < value.length - 1
    ) {
      sink.writeIndent()
      if (value.charAt(i + 1) === ' ') sink.write('\\')
      afterSpace = true
    } else {
      sink.write(char)
      afterSpace = code === 0x20
    }
    i += char.length
  }
  sink.writeIndicator('"', false)
}

function numericEscape(code: number): string {
  const [letter, length] = code <= 0xff ? ['x', 2] : code <= 0xffff ? ['u', 4] : ['U', 8]
  return `\\${letter}${code.toString(16).toUpperCase().padStart(length, '0')}`
}
