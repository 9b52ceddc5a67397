/** Parses pipelines: declarations, commands, operands and literals. */
import { unquote } from '../strconv/unquote.ts'
import type { CommandNode, OperandNode, PipeNode } from './ast.ts'
import { parseNumber } from './number.ts'
import type { ParserState } from './parser-state.ts'
import { printNode } from './print-node.ts'
import type { Token, TokenKind } from './token.ts'

/** `[declarations] command {'|' command}`, up to and including `end`. */
export function parsePipeline(parser: ParserState, context: string, end: TokenKind): PipeNode {
  const { tokens } = parser
  const { offset } = tokens.peekNonSpace()
  const { variables, assigns } = parseDeclarations(parser, context)
  const commands: CommandNode[] = []
  for (;;) {
    const token = tokens.nextNonSpace()
    if (token.kind === end) break
    if (!STARTS_OPERAND.has(token.kind)) parser.unexpected(token, context)
    tokens.backup()
    commands.push(parseCommand(parser))
  }
  if (commands.length === 0) parser.fail('missing-value', `missing value for ${context}`)
  // Only the first command can be a value without arguments.
  for (const [i, command] of commands.slice(1).entries()) {
    const kind = command.operands[0]?.kind
    if (kind === 'bool' || kind === 'dot' || kind === 'nil' || kind === 'number' || kind === 'string') {
      parser.fail('non-executable', `non executable command in pipeline stage ${i + 2}`)
    }
  }
  return { kind: 'pipe', offset, variables, assigns, commands }
}

const STARTS_OPERAND: ReadonlySet<TokenKind> = new Set<TokenKind>([
  'bool',
  'charConstant',
  'complex',
  'dot',
  'field',
  'identifier',
  'number',
  'nil',
  'rawString',
  'string',
  'variable',
  'leftParen',
])

function parseDeclarations(parser: ParserState, context: string): { variables: string[]; assigns: boolean } {
  const { tokens } = parser
  const variables: string[] = []
  for (;;) {
    const variable = tokens.peekNonSpace()
    if (variable.kind !== 'variable') return { variables, assigns: false }
    tokens.next()
    const after = tokens.peek()
    const next = tokens.peekNonSpace()
    if (next.kind === 'assign' || next.kind === 'declare') {
      tokens.nextNonSpace()
      variables.push(variable.text)
      parser.variables.push(variable.text)
      return { variables, assigns: next.kind === 'assign' }
    }
    if (next.kind !== 'char' || next.text !== ',') {
      // It is an argument, not a declaration.
      if (after.kind === 'space') tokens.backup3(variable, after)
      else tokens.backup2(variable)
      return { variables, assigns: false }
    }
    tokens.nextNonSpace()
    variables.push(variable.text)
    parser.variables.push(variable.text)
    if (context !== 'range' || variables.length >= 2) {
      parser.fail('bad-declaration', `too many declarations in ${context}`)
    }
    const { kind } = tokens.peekNonSpace()
    if (kind !== 'variable' && kind !== 'rightDelim' && kind !== 'rightParen') {
      parser.fail('bad-declaration', 'range can only initialize variables')
    }
  }
}

function parseCommand(parser: ParserState): CommandNode {
  const { tokens } = parser
  const { offset } = tokens.peekNonSpace()
  const operands: OperandNode[] = []
  for (;;) {
    tokens.peekNonSpace()
    const operand = parseOperand(parser)
    if (operand !== undefined) operands.push(operand)
    const token = tokens.next()
    if (token.kind === 'space') continue
    if (token.kind === 'rightDelim' || token.kind === 'rightParen') tokens.backup()
    else if (token.kind !== 'pipe') parser.unexpected(token, 'operand')
    break
  }
  if (operands.length === 0) parser.fail('empty-command', 'empty command')
  return { kind: 'command', offset, operands }
}

/** A term and the fields that follow it without space. */
function parseOperand(parser: ParserState): OperandNode | undefined {
  const term = parseTerm(parser)
  if (term === undefined) return undefined
  const { tokens } = parser
  if (tokens.peek().kind !== 'field') return term
  const { offset } = tokens.peek()
  const names: string[] = []
  while (tokens.peek().kind === 'field') names.push(tokens.next().text.slice(1))
  switch (term.kind) {
    case 'field':
      return { kind: 'field', offset, names: [...term.names, ...names] }
    case 'variable':
      return { kind: 'variable', offset, name: term.name, names: [...term.names, ...names] }
    case 'bool':
    case 'string':
    case 'number':
    case 'nil':
    case 'dot':
      return parser.fail('unexpected-token', `unexpected . after term ${JSON.stringify(printNode(term))}`)
    default:
      return { kind: 'chain', offset, operand: term, names }
  }
}

function parseTerm(parser: ParserState): OperandNode | undefined {
  const token = parser.tokens.nextNonSpace()
  const { offset, text } = token
  switch (token.kind) {
    case 'identifier':
      checkFunction(parser, token)
      return { kind: 'identifier', offset, name: text }
    case 'dot':
      return { kind: 'dot', offset }
    case 'nil':
      return { kind: 'nil', offset }
    case 'variable':
      if (!parser.variables.includes(text)) {
        parser.fail('undefined-variable', `undefined variable ${JSON.stringify(text)}`, offset)
      }
      return { kind: 'variable', offset, name: text, names: [] }
    case 'field':
      return { kind: 'field', offset, names: [text.slice(1)] }
    case 'bool':
      return { kind: 'bool', offset, value: text === 'true' }
    case 'charConstant':
    case 'complex':
    case 'number': {
      const number = parseNumber(token)
      if (number.kind !== 'problem') return number
      return parser.fail(number.literal ? 'bad-literal' : 'bad-number', number.message, offset)
    }
    case 'leftParen': {
      parser.enter()
      const pipe = parsePipeline(parser, 'parenthesized pipeline', 'rightParen')
      parser.leave()
      return pipe
    }
    case 'string':
    case 'rawString': {
      const value = unquote(text)
      if (value === undefined) return parser.fail('bad-literal', 'invalid syntax', offset)
      return { kind: 'string', offset, value, quoted: text }
    }
    default:
      parser.tokens.backup()
      return undefined
  }
}

function checkFunction(parser: ParserState, token: Token): void {
  const known = parser.knowsFunction(token.text)
  if (known === 'yes') return
  if (known === 'no') {
    parser.fail('undefined-function', `function ${JSON.stringify(token.text)} not defined`, token.offset)
  }
  parser.fail(
    'function-refused',
    `function ${JSON.stringify(token.text)} is refused: ${known.refused}`,
    token.offset,
  )
}
