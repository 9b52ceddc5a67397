/**
 * Builds the trees of one text: the text's own and those of its define and block clauses. What it refuses, and in which
 * order, is what Go 1.26's text/template/parse refuses.
 */
import { unquote } from '../strconv/unquote.ts'
import type { ListNode, ParsedTemplate, PipeNode, StatementNode } from './ast.ts'
import { type KnowsFunction, ParserState } from './parser-state.ts'
import { parsePipeline } from './pipeline.ts'
import type { Token } from './token.ts'

/** What ends a list: `end`, or an `else` with what follows it. */
interface Terminator {
  readonly kind: 'end' | 'else'
  readonly offset: number
}

/**
 * Parses a text; its templates are added to `set` (a later non-empty one may not replace a non-empty one).
 * @param maxTokens the most tokens that the text may have
 * @returns the number of its tokens
 * @throws TemplateParseError
 */
export function parseTemplate(
  source: { readonly name: string; readonly text: string },
  set: Map<string, ParsedTemplate>,
  knowsFunction: KnowsFunction,
  maxTokens = Number.POSITIVE_INFINITY,
): number {
  const parser = new Parser(source, set, knowsFunction, maxTokens)
  parser.parse()
  return parser.tokens.lexed
}

class Parser extends ParserState {
  readonly #set: Map<string, ParsedTemplate>
  #rangeDepth = 0

  constructor(
    source: { readonly name: string; readonly text: string },
    set: Map<string, ParsedTemplate>,
    knowsFunction: KnowsFunction,
    maxTokens: number,
  ) {
    super(source, knowsFunction, maxTokens)
    this.#set = set
  }

  parse(): void {
    const nodes: StatementNode[] = []
    const { offset } = this.tokens.peek()
    while (this.tokens.peek().kind !== 'eof') {
      if (this.tokens.peek().kind === 'leftDelim') {
        const delim = this.tokens.next()
        if (this.tokens.nextNonSpace().kind === 'define') {
          this.#definition()
          continue
        }
        this.tokens.backup2(delim)
      }
      const node = this.#statement()
      if (isTerminator(node)) {
        this.fail('unexpected-token', `unexpected {{${node.kind}}}`, node.offset)
      }
      nodes.push(node)
    }
    this.#add(this.source.name, { kind: 'list', offset, nodes })
  }

  #add(name: string, root: ListNode): void {
    const known = this.#set.get(name)
    if (known === undefined || isEmpty(known.root)) {
      this.#set.set(name, { name, source: this.source, root })
    } else if (!isEmpty(root)) {
      this.fail('duplicate-template', `template: multiple definition of template ${JSON.stringify(name)}`)
    }
  }

  #definition(): void {
    const name = this.#templateName(this.tokens.nextNonSpace(), 'define clause')
    this.#expectRightDelim('define clause')
    this.#inNewTemplate(name, 'define clause')
  }

  /** The body of a define or block clause: the variables around it are not visible. */
  #inNewTemplate(name: string, context: string): void {
    const outer = { variables: this.variables, rangeDepth: this.#rangeDepth, actionLine: this.actionLine }
    this.variables = ['$']
    this.#rangeDepth = 0
    this.actionLine = 0
    this.enter()
    const { list, terminator } = this.#list()
    this.leave()
    if (terminator.kind !== 'end') {
      this.fail('unexpected-token', `unexpected {{else}} in ${context}`, terminator.offset)
    }
    this.#add(name, list)
    this.variables = outer.variables
    this.#rangeDepth = outer.rangeDepth
    this.actionLine = outer.actionLine
  }

  #list(): { list: ListNode; terminator: Terminator } {
    const nodes: StatementNode[] = []
    const { offset } = this.tokens.peekNonSpace()
    while (this.tokens.peekNonSpace().kind !== 'eof') {
      const node = this.#statement()
      if (isTerminator(node)) {
        return { list: { kind: 'list', offset, nodes }, terminator: node }
      }
      nodes.push(node)
    }
    return this.fail('unclosed', 'unexpected EOF')
  }

  #statement(): StatementNode | Terminator {
    const token = this.tokens.nextNonSpace()
    if (token.kind === 'text') return { kind: 'text', offset: token.offset, text: token.text }
    if (token.kind !== 'leftDelim') this.unexpected(token, 'input')
    this.actionLine = token.line
    const node = this.#action()
    this.actionLine = 0
    return node
  }

  #action(): StatementNode | Terminator {
    const token = this.tokens.nextNonSpace()
    switch (token.kind) {
      case 'block':
        return this.#block()
      case 'break':
      case 'continue':
        return this.#jump(token, token.kind)
      case 'else':
        return this.#else()
      case 'end':
        return { kind: 'end', offset: this.#expectRightDelim('end').offset }
      case 'if':
      case 'range':
      case 'with':
        return this.#control(token.kind)
      case 'template':
        return this.#template()
    }
    this.tokens.backup()
    const { offset } = this.tokens.peek()
    return { kind: 'action', offset, pipe: parsePipeline(this, 'command', 'rightDelim') }
  }

  #jump(token: Token, kind: 'break' | 'continue'): StatementNode {
    const next = this.tokens.nextNonSpace()
    if (next.kind !== 'rightDelim') this.unexpected(next, `{{${kind}}}`)
    if (this.#rangeDepth === 0) this.fail('outside-range', `{{${kind}}} outside {{range}}`)
    return { kind, offset: token.offset }
  }

  #else(): Terminator {
    const next = this.tokens.peekNonSpace()
    if (next.kind === 'if' || next.kind === 'with') return { kind: 'else', offset: next.offset }
    return { kind: 'else', offset: this.#expectRightDelim('else').offset }
  }

  #control(kind: 'if' | 'range' | 'with'): StatementNode {
    const scope = this.variables.length
    this.enter()
    const pipe: PipeNode = parsePipeline(this, kind, 'rightDelim')
    if (kind === 'range') this.#rangeDepth++
    const { list, terminator } = this.#list()
    if (kind === 'range') this.#rangeDepth--
    const elseList = terminator.kind === 'else' ? this.#elseList(kind, terminator.offset) : undefined
    this.leave()
    this.variables.length = scope
    return { kind, offset: pipe.offset, pipe, list, elseList }
  }

  /** `else if` and `else with` are an else that contains one more if or with, ended by the same end. */
  #elseList(kind: 'if' | 'range' | 'with', offset: number): ListNode {
    if (kind !== 'range' && this.tokens.peek().kind === kind) {
      this.tokens.next()
      return { kind: 'list', offset, nodes: [this.#control(kind)] }
    }
    const { list, terminator } = this.#list()
    if (terminator.kind !== 'end') {
      this.fail('unexpected-token', 'expected end; found {{else}}', terminator.offset)
    }
    return list
  }

  #block(): StatementNode {
    const token = this.tokens.nextNonSpace()
    const name = this.#templateName(token, 'block clause')
    const pipe = parsePipeline(this, 'block clause', 'rightDelim')
    this.#inNewTemplate(name, 'block clause')
    return { kind: 'template', offset: token.offset, name, pipe }
  }

  #template(): StatementNode {
    const token = this.tokens.nextNonSpace()
    const name = this.#templateName(token, 'template clause')
    if (this.tokens.nextNonSpace().kind === 'rightDelim') {
      return { kind: 'template', offset: token.offset, name, pipe: undefined }
    }
    this.tokens.backup()
    const pipe = parsePipeline(this, 'template clause', 'rightDelim')
    return { kind: 'template', offset: token.offset, name, pipe }
  }

  #templateName(token: Token, context: string): string {
    if (token.kind !== 'string' && token.kind !== 'rawString') this.unexpected(token, context)
    return unquote(token.text) ?? this.fail('bad-literal', 'invalid syntax')
  }

  #expectRightDelim(context: string): Token {
    const token = this.tokens.nextNonSpace()
    if (token.kind !== 'rightDelim') this.unexpected(token, context)
    return token
  }
}

function isTerminator(node: StatementNode | Terminator): node is Terminator {
  return node.kind === 'end' || node.kind === 'else'
}

/** Only white space: another template of the same name may replace it. */
export function isEmpty(list: ListNode): boolean {
  return list.nodes.every((node) => node.kind === 'text' && /^[\t\n\v\f\r \u0085\p{Z}]*$/u.test(node.text))
}
