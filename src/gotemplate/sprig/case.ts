/** Go's case conversion, rune by rune (JavaScript's may turn one character into several). */
import { runeCount } from '../strconv/go-string.ts'

export function isSpace(char: string): boolean {
  return /^[[\s\u0085]--\ufeff]$/v.test(char)
}

export function upperRune(char: string): string {
  const upper = char.toUpperCase()
  return runeCount(upper) === 1 ? upper : char
}

export function lowerRune(char: string): string {
  // The one letter whose lower case is two characters in JavaScript and one in Go.
  if (char === '\u0130') return 'i'
  const lower = char.toLowerCase()
  return runeCount(lower) === 1 ? lower : char
}

const TITLE_DIGRAPHS: Readonly<Record<string, string>> = {
  Ǆ: 'ǅ',
  ǆ: 'ǅ',
  Ǉ: 'ǈ',
  ǉ: 'ǈ',
  Ǌ: 'ǋ',
  ǌ: 'ǋ',
  Ǳ: 'ǲ',
  ǳ: 'ǲ',
}

function titleRune(char: string): string {
  return TITLE_DIGRAPHS[char] ?? upperRune(char)
}

export function upper(text: string): string {
  return mapRunes(text, upperRune)
}

export function lower(text: string): string {
  return mapRunes(text, lowerRune)
}

export function mapRunes(text: string, change: (char: string) => string): string {
  let result = ''
  for (const char of text) result += change(char)
  return result
}

/** strings.Title: upper case at the beginning of each word. */
export function title(text: string): string {
  let before = ' '
  return mapRunes(text, (char) => {
    const changed = separates(before) ? titleRune(char) : char
    before = char
    return changed
  })
}

function separates(char: string): boolean {
  if (/^[\p{L}\p{Nd}_]$/u.test(char)) return false
  return (char.codePointAt(0) ?? 0) < 0x80 || isSpace(char)
}

/** Lower case at the beginning of each word; words are separated by space. */
export function untitle(text: string): string {
  let begins = true
  return mapRunes(text, (char) => {
    if (isSpace(char)) {
      begins = true
      return char
    }
    const changed = begins ? lowerRune(char) : char
    begins = false
    return changed
  })
}

export function swapCase(text: string): string {
  let afterSpace = true
  return mapRunes(text, (char) => {
    if (/^[\p{Lu}\p{Lt}]$/u.test(char)) {
      afterSpace = false
      return lowerRune(char)
    }
    if (/^\p{Ll}$/u.test(char)) {
      const changed = afterSpace ? titleRune(char) : upperRune(char)
      afterSpace = false
      return changed
    }
    afterSpace = isSpace(char)
    return char
  })
}

/** The first byte of each word, read as a character, as goutils does. */
export function initials(bytes: Uint8Array): string {
  let result = ''
  let afterGap = true
  for (const byte of bytes) {
    const char = String.fromCharCode(byte)
    if (isSpace(char)) afterGap = true
    else if (afterGap) {
      result += char
      afterGap = false
    }
  }
  return result
}
