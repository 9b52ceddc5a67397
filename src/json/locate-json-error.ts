/**
 * Finds the position at which a text that JSON.parse refused stops being JSON. It runs only after a failure, so it is
 * short rather than fast. It keeps its own stack, so depth does not matter.
 */
export interface JsonErrorPlace {
  /** Index of the first character that is not allowed; the text's length if it ends too early. */
  readonly offset: number
  /** What was expected, worded for a message. */
  readonly expected: string
}

/** The depth limit of Go's own decoder. A deeper text is reported as invalid from there, which bounds the stack. */
const MAX_DEPTH = 10_000
const LITERAL = /true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y

export function locateJsonError(text: string): JsonErrorPlace {
  const closers: string[] = []
  let at = 0
  const match = (pattern: RegExp): number => {
    pattern.lastIndex = at
    return pattern.exec(text)?.[0].length ?? 0
  }
  const skipSpace = (): void => {
    for (let c = text.charCodeAt(at); c === 0x20 || (c >= 9 && c <= 13 && c !== 11 && c !== 12); )
      c = text.charCodeAt(++at)
  }
  /** Moves past the string that starts here, or to its first invalid character (false). */
  const string = (): boolean => {
    at++
    while (at < text.length) {
      const c = text.charCodeAt(at)
      if (c === 0x22) {
        at++
        return true
      }
      const length = c === 0x5c ? match(ESCAPE) : c < 0x20 ? 0 : 1
      if (length === 0) return false
      at += length
    }
    return false
  }
  const fail = (expected: string): JsonErrorPlace => ({ offset: at, expected })
  const badString = 'a closing quote, a valid escape or a printable character'

  let wantsKey = false
  for (;;) {
    skipSpace()
    if (wantsKey) {
      if (text[at] !== '"') return fail('a key in double quotes')
      if (!string()) return fail(badString)
      skipSpace()
      if (text[at] !== ':') return fail('a colon after the key')
      at++
      skipSpace()
      wantsKey = false
    }
    const c = text[at]
    if (c === '{' || c === '[') {
      const closer = c === '{' ? '}' : ']'
      at++
      skipSpace()
      if (text[at] !== closer) {
        if (closers.push(closer) > MAX_DEPTH) return fail(`at most ${MAX_DEPTH} levels of nesting`)
        wantsKey = closer === '}'
        continue
      }
      at++
    } else if (c === '"') {
      if (!string()) return fail(badString)
    } else {
      const length = match(LITERAL)
      if (length === 0) return fail('a value')
      at += length
    }
    for (;;) {
      skipSpace()
      const closer = closers.at(-1)
      if (closer === undefined) return fail('nothing more')
      if (text[at] === ',') {
        at++
        wantsKey = closer === '}'
        break
      }
      if (text[at] !== closer) return fail(`a comma or ${closer}`)
      at++
      closers.pop()
    }
  }
}
