/** camelcase, snakecase and kebabcase, with words split as in the Go package xstrings 1.5. */
import { isSpace, lower, lowerRune, upperRune } from './case.ts'

function isConnector(char: string): boolean {
  return char === '-' || char === '_' || isSpace(char)
}

function isUpper(char: string): boolean {
  return /^\p{Lu}$/u.test(char)
}

/** PascalCase; connectors at the start are kept, and all but one in the middle. */
export function camelCase(text: string): string {
  const chars = [...text]
  let at = 0
  let result = ''
  while (at < chars.length && isConnector(chars[at] ?? '')) result += chars[at++]
  // xstrings writes the last one twice if there is nothing else.
  if (at >= chars.length) return result + (chars[at - 1] ?? '')
  let firstIsUpper = isUpper(chars[at] ?? '')
  let current = upperRune(chars[at++] ?? '')
  for (; at < chars.length; at++) {
    const before = current
    current = chars[at] ?? ''
    if (isConnector(current) && isConnector(before)) {
      result += before
      continue
    }
    if (isConnector(before)) {
      firstIsUpper = isUpper(current)
      current = upperRune(current)
      continue
    }
    if (firstIsUpper) {
      if (isUpper(current)) current = lowerRune(current)
      else firstIsUpper = false
    }
    result += before
  }
  return result + current
}

type WordKind = 'none' | 'number' | 'upper' | 'letters' | 'connector' | 'punct' | 'other'

interface Word {
  readonly kind: WordKind
  readonly text: string
}

const PUNCT = /^\p{P}$/u
const NUMBER = /^\p{N}$/u

/** A letter, excluding the common Chinese characters. */
function isAlphabet(char: string): boolean {
  return /^\p{L}$/u.test(char) && !/^[\u4e00-\u9fcc\u3400-\u4d85\u{20000}-\u{2b81d}]$/u.test(char)
}

class Words {
  readonly #chars: readonly string[]
  #at = 0

  constructor(text: string) {
    this.#chars = [...text]
  }

  get atEnd(): boolean {
    return this.#at >= this.#chars.length
  }

  next(): Word {
    const start = this.#at
    const char = this.#chars[start]
    if (char === undefined) return { kind: 'none', text: '' }
    const kind = this.#scan(char)
    return { kind, text: this.#chars.slice(start, this.#at).join('') }
  }

  #scan(char: string): WordKind {
    this.#at++
    if (isConnector(char)) return this.#run('connector', isConnector)
    if (PUNCT.test(char)) return this.#run('punct', (next) => PUNCT.test(next))
    if (isUpper(char)) return this.#upper()
    if (isAlphabet(char)) return this.#run('letters', (next) => isAlphabet(next) && !isUpper(next))
    if (NUMBER.test(char)) return this.#run('number', (next) => NUMBER.test(next))
    return this.#run(
      'other',
      (next) => !isConnector(next) && !isAlphabet(next) && !NUMBER.test(next) && !PUNCT.test(next),
    )
  }

  #run(kind: WordKind, belongs: (char: string) => boolean): WordKind {
    while (!this.atEnd && belongs(this.#chars[this.#at] ?? '')) this.#at++
    return kind
  }

  /** In `HTTPStatus` the S begins the next word. */
  #upper(): WordKind {
    if (this.atEnd) return 'upper'
    if (!isUpper(this.#chars[this.#at] ?? '')) {
      return this.#run('upper', (next) => isAlphabet(next) && !isUpper(next))
    }
    this.#run('upper', isUpper)
    if (!this.atEnd && isAlphabet(this.#chars[this.#at] ?? '')) this.#at--
    return 'upper'
  }
}

/** Words in lower case with the connector between them; numbers join the word before them if letters follow. */
export function joinWords(text: string, connector: string): string {
  if (text === '') return ''
  const words = new Words(text)
  let result = ''
  const write = (word: Word): void => {
    result += word.kind === 'connector' ? connector.repeat([...word.text].length) : lower(word.text)
  }
  const writeJoined = (first: Word): Word => {
    let word = first
    while (word.kind === 'letters' || word.kind === 'number') {
      write(word)
      word = words.next()
    }
    return word
  }
  let word = words.next()
  while (!words.atEnd) {
    const before = word
    if (before.kind !== 'connector') write(before)
    word = words.next()
    if (before.kind === 'number') {
      word = writeJoined(word)
      if (parts(word)) result += connector
    } else if (before.kind === 'connector') {
      write(before)
    } else if (before.kind !== 'punct') {
      if (word.kind !== 'number') {
        if (word.kind !== 'connector' && word.kind !== 'punct') result += connector
      } else if (!words.atEnd) {
        const number = word
        word = words.next()
        if (word.kind === 'letters') {
          result += connector
          write(number)
          word = writeJoined(word)
          if (parts(word)) result += connector
        } else {
          write(number)
          if (word.kind !== 'connector' && word.kind !== 'punct') result += connector
        }
      }
    }
  }
  write(word)
  return result
}

function parts(word: Word): boolean {
  return word.kind !== 'none' && word.kind !== 'punct' && word.kind !== 'connector'
}
