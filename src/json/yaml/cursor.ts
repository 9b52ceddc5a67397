/** The text being read, the current position in it, and errors with that position. */
import { JsonError } from '../error.ts'
import { BLANK_OR_END, BREAK, BREAK_OR_END, classOf } from './chars.ts'

export class Cursor {
  /** The text and one NUL, so that reading one character ahead needs no bounds check. */
  readonly text: string
  pos = 0
  /** 0-based. */
  line = 0
  /** Offset where the current line starts; `pos - lineStart` is the column. */
  lineStart = 0
  /** Column of the current block collection, -1 outside one. */
  indent = -1
  flowLevel = 0
  /** Whether a key may start at the next token. */
  keyAllowed = true
  /** The plain scalar last read was followed by a line break, so that a key may start next. */
  endedByBreak = false
  readonly maxDepth: number
  readonly #source: string | undefined

  constructor(text: string, source: string | undefined, maxDepth: number) {
    this.text = `${text}\0`
    this.#source = source
    this.maxDepth = maxDepth
  }

  fail(message: string, line: number = this.line): never {
    throw new JsonError('yaml-syntax', `invalid YAML at line ${line + 1}: ${message}`, this.at(line))
  }

  at(line: number): { line: number; source?: string } {
    return this.#source === undefined ? { line: line + 1 } : { line: line + 1, source: this.#source }
  }

  failDepth(line: number = this.line): never {
    const message = `YAML nested deeper than ${this.maxDepth} levels at line ${line + 1}`
    throw new JsonError('yaml-too-deep', message, this.at(line))
  }

  /** Moves past the line break at `pos` (CR LF is one). */
  skipBreak(): void {
    this.pos += this.text.charCodeAt(this.pos) === 13 && this.text.charCodeAt(this.pos + 1) === 10 ? 2 : 1
    this.line++
    this.lineStart = this.pos
  }

  /**
   * Moves past the line break at `pos` and returns what it means inside a scalar: LF, but U+2028 and U+2029 are kept.
   */
  readBreak(): string {
    const code = this.text.charCodeAt(this.pos)
    this.skipBreak()
    return code === 0x2028 ? '\u2028' : code === 0x2029 ? '\u2029' : '\n'
  }

  skipComment(): void {
    while ((classOf(this.text.charCodeAt(this.pos)) & BREAK_OR_END) === 0) this.pos++
  }

  /** `---` or `...` as a separate word at the start of a line. */
  atDocumentIndicator(): boolean {
    const { text, pos } = this
    if (pos !== this.lineStart) return false
    const code = text.charCodeAt(pos)
    if (code !== 0x2d && code !== 0x2e) return false
    return (
      text.charCodeAt(pos + 1) === code &&
      text.charCodeAt(pos + 2) === code &&
      (classOf(text.charCodeAt(pos + 3)) & BLANK_OR_END) !== 0
    )
  }

  /** Skips white space, comments and empty lines. A tab counts as white space only where no key may start. */
  skipToToken(): void {
    const { text } = this
    // The text's own byte order mark has been removed already; go-yaml v2 skips one more.
    if (this.pos === 0 && text.charCodeAt(0) === 0xfeff) this.pos++
    for (;;) {
      let code = text.charCodeAt(this.pos)
      while (code === 0x20 || (code === 9 && (this.flowLevel > 0 || !this.keyAllowed))) {
        code = text.charCodeAt(++this.pos)
      }
      if (code === 0x23) {
        this.skipComment()
        code = text.charCodeAt(this.pos)
      }
      if ((classOf(code) & BREAK) === 0) return
      this.skipBreak()
      if (this.flowLevel === 0) this.keyAllowed = true
    }
  }

  /** More than `count` characters since `start`; Go counts a surrogate pair once. */
  isFurther(start: number, count: number): boolean {
    const units = this.pos - start
    if (units <= count) return false
    if (units > 2 * count) return true
    return [...this.text.slice(start, this.pos)].length > count
  }
}
