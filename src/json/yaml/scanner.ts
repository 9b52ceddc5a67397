/**
 * Text to tokens by the rules of go-yaml v2 (libyaml's scanner): indentation becomes start and end tokens, and a key is
 * recognised only by the colon after it, so tokens wait in a queue while the first of them may still be a key. The text
 * of single tokens is in the scan-* files, their meaning in the composer.
 *
 * Rules that matter: a key is on one line and within 1024 characters; tabs separate only where no key may start; in
 * flow collections `?` and `:` are indicators, whatever follows.
 */
import { BLANK_OR_END, classOf, INDICATOR } from './chars.ts'
import { Cursor } from './cursor.ts'
import { PossibleKeys } from './possible-keys.ts'
import { scanBlockScalar } from './scan-block-scalar.ts'
import { scanPlain } from './scan-plain.ts'
import { scanAnchor, scanDirective, scanTag } from './scan-properties.ts'
import { scanQuoted } from './scan-quoted.ts'
import * as T from './token.ts'
import { Token } from './token.ts'

const MAX_KEY_LENGTH = 1024

export class Scanner extends Cursor {
  readonly #indents: number[] = []
  readonly #keys = new PossibleKeys()
  readonly #queue: Token[] = []
  /** The queue is #queue[#head, #tail). The array is reused, which is cheaper than shrinking it. */
  #head = 0
  #tail = 0

  /** The next token; it stays the next one until `skip`. Its `before` holds the tokens in front of it. */
  peek(): Token {
    for (;;) {
      if (this.#head < this.#tail) {
        // There are tokens between head and tail.
        const token = this.#queue[this.#head] as Token
        if (!token.held || !this.#keyIsPossible(token)) return token
      }
      this.#readToken()
    }
  }

  /** The kind of the next token, including the tokens in front of a key. */
  peekKind(): number {
    const token = this.peek()
    return token.before === 0 ? token.kind : token.before === 1 ? T.KEY : T.BLOCK_MAPPING_START
  }

  /** Consumes the token whose kind peekKind returned. Call peekKind or peek first. */
  skip(): void {
    // peek has made sure of a token.
    const token = this.#queue[this.#head] as Token
    if (token.before > 0) {
      token.before--
      return
    }
    token.taken = true
    this.#head++
    if (this.#head === this.#tail) {
      this.#head = 0
      this.#tail = 0
    }
  }

  #readToken(): void {
    this.skipToToken()
    const column = this.pos - this.lineStart
    if (this.flowLevel === 0 && this.indent > column) this.#closeBlocks(column)
    const code = this.text.charCodeAt(this.pos)
    if (code === 0) this.#readStreamEnd()
    else if (code === 0x25 && column === 0) this.#readDirective()
    else if (this.atDocumentIndicator()) this.#readDocumentIndicator(code)
    else if (this.#startsPlain(code)) this.#pushKeyable(scanPlain(this), this.endedByBreak)
    else this.#readIndicated(code)
  }

  /** `-`, `?` and `:` start a plain scalar when no space follows; inside flow collections only `-` does. */
  #startsPlain(code: number): boolean {
    if ((classOf(code) & (INDICATOR | BLANK_OR_END)) === 0) return true
    const mayStart = code === 0x2d || (this.flowLevel === 0 && (code === 0x3f || code === 0x3a))
    return mayStart && (classOf(this.text.charCodeAt(this.pos + 1)) & BLANK_OR_END) === 0
  }

  #readIndicated(code: number): void {
    switch (code) {
      case 0x5b:
        this.#readFlowStart(T.FLOW_SEQUENCE_START)
        break
      case 0x7b:
        this.#readFlowStart(T.FLOW_MAPPING_START)
        break
      case 0x5d:
        this.#readFlowEnd(T.FLOW_SEQUENCE_END)
        break
      case 0x7d:
        this.#readFlowEnd(T.FLOW_MAPPING_END)
        break
      case 0x2c:
        this.#readFlowEntry()
        break
      case 0x2d:
        this.#readBlockEntry()
        break
      case 0x3f:
        this.#readKey()
        break
      case 0x3a:
        this.#readValue()
        break
      case 0x2a:
        this.#pushKeyable(scanAnchor(this, T.ALIAS))
        break
      case 0x26:
        this.#pushKeyable(scanAnchor(this, T.ANCHOR))
        break
      case 0x21:
        this.#pushKeyable(scanTag(this))
        break
      case 0x27:
      case 0x22:
        this.#pushKeyable(scanQuoted(this, code))
        break
      default:
        if ((code !== 0x7c && code !== 0x3e) || this.flowLevel > 0) this.#failCharacter(code)
        this.#readBlockScalar(code === 0x7c)
    }
  }

  #failCharacter(code: number): never {
    const shown = code === 9 ? 'a tab' : JSON.stringify(String.fromCharCode(code))
    this.fail(`found ${shown}, which cannot start a value or key here; indent with spaces, quote the text`)
  }

  #enqueue(token: Token): void {
    this.#queue[this.#tail++] = token
  }

  #push(kind: number): void {
    this.#enqueue(new Token(kind, this.pos, this.line, this.pos - this.lineStart, ''))
  }

  // --- keys ---

  /** Queues a token that starts a node and records it as a possible key if a key may start here. */
  #pushKeyable(token: Token, allowedAfter = false): void {
    if (this.keyAllowed) {
      this.#dropKey()
      this.#keys.add(token, this.flowLevel === 0 && this.indent === token.column)
    }
    this.keyAllowed = allowedAfter
    this.#enqueue(token)
  }

  #keyIsPossible(token: Token): boolean {
    if (!token.mayBeKey) return false
    if (token.line === this.line && !this.isFurther(token.start, MAX_KEY_LENGTH)) return true
    if (token.mustBeKey) this.#failKey(token)
    this.#keys.ruleOut(token)
    return false
  }

  #dropKey(): void {
    const key = this.#keys.current
    if (key === undefined) return
    if (key.mustBeKey) this.#failKey(key)
    this.#keys.ruleOut(key)
  }

  #failKey(key: Token): never {
    this.fail("expected a key of the mapping, but no ':' follows", key.line)
  }

  // --- indentation ---

  /** Opens a block collection if the column is further right than that of the current one. */
  #openBlock(column: number): boolean {
    if (this.flowLevel > 0 || this.indent >= column) return false
    this.#indents.push(this.indent)
    this.indent = column
    if (this.#indents.length > this.maxDepth) this.failDepth()
    return true
  }

  #closeBlocks(column: number): void {
    while (this.indent > column) {
      this.#push(T.BLOCK_END)
      // Each increase of the indentation pushed the previous one.
      this.indent = this.#indents.pop() as number
    }
  }

  // --- one method per kind of token ---

  #readStreamEnd(): void {
    if (this.pos !== this.lineStart) {
      this.line++
      this.lineStart = this.pos
    }
    if (this.flowLevel === 0) this.#closeBlocks(-1)
    this.#dropKey()
    this.keyAllowed = false
    this.#push(T.STREAM_END)
  }

  #readDirective(): void {
    if (this.flowLevel === 0) this.#closeBlocks(-1)
    this.#dropKey()
    this.keyAllowed = false
    this.#enqueue(scanDirective(this))
  }

  #readDocumentIndicator(code: number): void {
    if (this.flowLevel === 0) this.#closeBlocks(-1)
    this.#dropKey()
    this.keyAllowed = false
    this.#push(code === 0x2d ? T.DOCUMENT_START : T.DOCUMENT_END)
    this.pos += 3
  }

  #readFlowStart(kind: number): void {
    const start = new Token(kind, this.pos, this.line, this.pos - this.lineStart, '')
    this.#pushKeyable(start, true)
    this.#keys.enterFlow(start)
    this.flowLevel++
    if (this.flowLevel > this.maxDepth) this.failDepth()
    this.pos++
  }

  #readFlowEnd(kind: number): void {
    this.#dropKey()
    if (this.flowLevel > 0) {
      this.flowLevel--
      this.#keys.leaveFlow()
    }
    this.keyAllowed = false
    this.#push(kind)
    this.pos++
  }

  #readFlowEntry(): void {
    this.#dropKey()
    this.keyAllowed = true
    this.#push(T.FLOW_ENTRY)
    this.pos++
  }

  #readBlockEntry(): void {
    if (this.flowLevel === 0) {
      if (!this.keyAllowed) this.fail("a list item ('- ') cannot start here")
      if (this.#openBlock(this.pos - this.lineStart)) this.#push(T.BLOCK_SEQUENCE_START)
    }
    this.#dropKey()
    this.keyAllowed = true
    this.#push(T.BLOCK_ENTRY)
    this.pos++
  }

  #readKey(): void {
    if (this.flowLevel === 0) {
      if (!this.keyAllowed) this.fail("a mapping key ('? ') cannot start here")
      if (this.#openBlock(this.pos - this.lineStart)) this.#push(T.BLOCK_MAPPING_START)
    }
    this.#dropKey()
    this.keyAllowed = this.flowLevel === 0
    this.#push(T.KEY)
    this.pos++
  }

  #readValue(): void {
    const key = this.#keys.current
    if (key !== undefined && this.#keyIsPossible(key)) {
      const opens = this.#openBlock(key.column)
      if (key.taken) {
        // Too late for the position before the key: go-yaml v2 adds them here, in this order, and its parser refuses
        // them.
        this.#push(T.KEY)
        if (opens) this.#push(T.BLOCK_MAPPING_START)
      } else {
        key.before = opens ? 2 : 1
      }
      this.#keys.ruleOut(key)
      this.keyAllowed = false
    } else {
      if (this.flowLevel === 0) {
        if (!this.keyAllowed) this.fail("a mapping value (': ') is not allowed here; if it is text, quote it")
        if (this.#openBlock(this.pos - this.lineStart)) this.#push(T.BLOCK_MAPPING_START)
      }
      this.keyAllowed = this.flowLevel === 0
    }
    this.#push(T.VALUE)
    this.pos++
  }

  #readBlockScalar(literal: boolean): void {
    this.#dropKey()
    this.keyAllowed = true
    this.#enqueue(scanBlockScalar(this, literal))
  }
}
