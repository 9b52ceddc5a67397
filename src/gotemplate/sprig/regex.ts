/**
 * sprig's regular expressions. They run on re2js, a linear-time RE2, never on RegExp: a pattern from a template could
 * make its backtracking take forever. Successive matches are found as in Go's package regexp.
 */
import { RE2JS } from 're2js'
import type { FunctionContext } from '../context.ts'
import { type FunctionSpec, type FunctionTable, GoFunctionError } from '../functions.ts'
import { boolType, intType, stringListType, stringType } from '../types.ts'
import { SliceValue } from '../values.ts'
import { count, ofStrings, panic, text } from './define.ts'

/** Compiles a pattern or throws the error of one that is invalid. */
type Compile = (pattern: string, context: FunctionContext) => RE2JS

/** The patterns that one table of functions has compiled, bounded by size: a pattern may come from a pod's annotation. */
class CompiledPatterns {
  readonly #known = new Map<string, RE2JS>()
  #size = 0

  get(pattern: string): RE2JS | undefined {
    return this.#known.get(pattern)
  }

  keep(pattern: string, compiled: RE2JS): void {
    const size = pattern.length + compiled.programSize()
    if (size > LARGEST_PATTERN) return
    if (this.#size + size > PATTERNS_SIZE) {
      this.#known.clear()
      this.#size = 0
    }
    this.#known.set(pattern, compiled)
    this.#size += size
  }
}

/** Characters and instructions: a few MB in total. */
const PATTERNS_SIZE = 20_000
const LARGEST_PATTERN = 1_000

function compileWith(patterns: CompiledPatterns, fail: (message: string) => Error): Compile {
  return (pattern, context) => {
    // Charged for a cached pattern, too: the cost of an execution must not depend on earlier ones.
    context.budget.charge(pattern.length)
    const cached = patterns.get(pattern)
    if (cached !== undefined) return cached
    try {
      const compiled = RE2JS.compile(pattern)
      patterns.keep(pattern, compiled)
      return compiled
    } catch (error) {
      throw fail(error instanceof Error ? error.message : String(error))
    }
  }
}

interface Match {
  readonly start: number
  readonly end: number
  group(name: string): string
}

/** Linear, but in the product of both lengths. */
function chargeSearch(pattern: RE2JS, value: string, context: FunctionContext): void {
  context.budget.charge(Math.ceil((value.length * Math.max(pattern.programSize(), 8)) / 64))
}

function runeWidth(value: string, at: number): number {
  const code = value.codePointAt(at)
  return code !== undefined && code > 0xffff ? 2 : 1
}

/** All matches as in Go's FindAll: an empty one right after another does not count. */
function findAll(pattern: RE2JS, value: string, limit: number, context: FunctionContext): Match[] {
  chargeSearch(pattern, value, context)
  const matcher = pattern.matcher(value)
  const matches: Match[] = []
  let at = 0
  let lastEnd = -1
  while (at <= value.length && (limit < 0 || matches.length < limit) && matcher.find(at)) {
    context.budget.step()
    const start = matcher.start()
    const end = matcher.end()
    const accepted = !(end === at && start === lastEnd)
    if (accepted) matches.push({ start, end, group: groupsOf(matcher) })
    at = end === at ? at + runeWidth(value, at) : end
    lastEnd = end
  }
  return matches
}

function groupsOf(matcher: ReturnType<RE2JS['matcher']>): (name: string) => string {
  const numbered = Array.from({ length: matcher.groupCount() + 1 }, (_, i) => matcher.group(i) ?? '')
  const named = matcher.getNamedGroups()
  return (name) => {
    if (/^[0-9]+$/.test(name)) return numbered[Number(name)] ?? ''
    return Object.hasOwn(named, name) ? (named[name] ?? '') : ''
  }
}

/** `$1`, `$name`, `${name}`, `$$`; an unknown name is empty. */
function expand(template: string, match: Match): string {
  return template.replace(
    /\$(?:\$|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/gu,
    (whole: string, braced: string | undefined, bare: string | undefined) =>
      whole === '$$' ? '$' : match.group(braced ?? bare ?? ''),
  )
}

function replaceAll(
  pattern: RE2JS,
  value: string,
  replacement: (match: Match) => string,
  context: FunctionContext,
): string {
  chargeSearch(pattern, value, context)
  const matcher = pattern.matcher(value)
  let result = ''
  let lastEnd = 0
  let at = 0
  while (at <= value.length && matcher.find(at)) {
    const start = matcher.start()
    const end = matcher.end()
    result += value.slice(lastEnd, start)
    if (end > lastEnd || start === 0) {
      const inserted = replacement({ start, end, group: groupsOf(matcher) })
      context.budget.allocate(inserted.length)
      result += inserted
    }
    lastEnd = end
    context.budget.step()
    at = at + runeWidth(value, at) > end ? at + runeWidth(value, at) : end
  }
  return result + value.slice(lastEnd)
}

function split(pattern: RE2JS, value: string, limit: number, context: FunctionContext): string[] | undefined {
  if (limit === 0) return undefined
  if (pattern.pattern() !== '' && value === '') return ['']
  const parts: string[] = []
  let begin = 0
  let end = 0
  for (const match of findAll(pattern, value, limit, context)) {
    if (limit > 0 && parts.length === limit - 1) break
    end = match.start
    if (match.end !== 0) parts.push(value.slice(begin, end))
    begin = match.end
  }
  if (end !== value.length) parts.push(value.slice(begin))
  return parts
}

function list(texts: readonly string[] | undefined): SliceValue {
  return new SliceValue(stringListType, texts)
}

const find = (compile: Compile): FunctionSpec =>
  ofStrings(2, stringType, ([pattern = '', value = ''], context) => {
    const [match] = findAll(compile(pattern, context), value, 1, context)
    return match === undefined ? '' : value.slice(match.start, match.end)
  })

const withLimit =
  (
    call: (
      pattern: RE2JS,
      value: string,
      limit: number,
      context: FunctionContext,
    ) => readonly string[] | undefined,
  ): ((compile: Compile) => FunctionSpec) =>
  (compile) => ({
    params: [stringType, stringType, intType],
    returns: stringListType,
    call: ([pattern, value, limit], context) =>
      list(call(compile(text(pattern), context), text(value), count(limit), context)),
  })

const replacing =
  (literal: boolean): ((compile: Compile) => FunctionSpec) =>
  (compile) =>
    ofStrings(3, stringType, ([pattern = '', value = '', by = ''], context) =>
      replaceAll(
        compile(pattern, context),
        value,
        literal ? () => by : (match) => expand(by, match),
        context,
      ),
    )

const match = (compile: Compile): FunctionSpec =>
  ofStrings(2, boolType, ([pattern = '', value = ''], context) => {
    const compiled = compile(pattern, context)
    chargeSearch(compiled, value, context)
    return compiled.matcher(value).find()
  })

/** An invalid pattern matches nothing. */
function matchOrFalse(compile: Compile): FunctionSpec {
  const { call, ...rest } = match(compile)
  return {
    ...rest,
    call: (args, context) => {
      try {
        return call(args, context)
      } catch (error) {
        if (error instanceof GoFunctionError) return false
        throw error
      }
    },
  }
}

const FUNCTIONS: Readonly<Record<string, (compile: Compile) => FunctionSpec>> = {
  regexFind: find,
  regexFindAll: withLimit((pattern, value, limit, context) => {
    const found = findAll(pattern, value, limit, context)
    return found.length === 0 ? undefined : found.map(({ start, end }) => value.slice(start, end))
  }),
  regexReplaceAll: replacing(false),
  regexReplaceAllLiteral: replacing(true),
  regexSplit: withLimit(split),
}

/** Functions that share the patterns they compile. */
export function regexFunctions(): FunctionTable {
  const patterns = new CompiledPatterns()
  const panics = compileWith(patterns, panic)
  const fails = compileWith(patterns, (message) => new GoFunctionError(message))
  const table: Record<string, FunctionSpec> = {
    regexMatch: matchOrFalse(fails),
    mustRegexMatch: match(fails),
    regexQuoteMeta: ofStrings(1, stringType, ([value = '']) => value.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')),
  }
  for (const [name, make] of Object.entries(FUNCTIONS)) {
    // The function itself panics on an invalid pattern, and its `must` variant returns an error.
    table[name] = make(panics)
    table[`mustR${name.slice(1)}`] = make(fails)
  }
  return table
}
