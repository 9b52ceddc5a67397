/** Runs cases in the form that the corpora `gotemplate` and `sprig` share, and compares the results. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  compileTemplate,
  type FunctionTable,
  type GoValue,
  TemplateExecError,
  TemplateParseError,
  toValidText,
} from '../../src/gotemplate/index.ts'
import { findCorpus } from '../shared-corpus.ts'
import { type Notation, notationFor, Notation as PlainNotation } from './go-value-notation.ts'
import type { CaseResult, SuiteOptions } from './suite.ts'

export const FUNCTION_REFUSED = 'Remora refuses the function when it compiles the template'

interface TemplateCase {
  readonly id: string
  readonly template?: string
  readonly templates?: Readonly<Record<string, string>>
  readonly data?: unknown
  readonly dataRef?: string
  readonly typed?: boolean
  readonly expect: {
    readonly output?: string
    readonly parseError?: string
    readonly execError?: string
    readonly class?: string
    readonly line?: number
  }
}

/** What came out: text, or the phase and class of an error. */
interface Answer {
  readonly phase: 'output' | 'parse' | 'exec'
  readonly text: string
  readonly class?: string
  readonly line?: number | undefined
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'))
}

export function* runTemplateCases(
  folder: string,
  options: SuiteOptions,
  functionsFor: (notation: Notation) => FunctionTable,
): Iterable<CaseResult> {
  // The corpus `sprig` uses the types of the corpus `gotemplate` beside it.
  const typesFile =
    [folder, join(folder, '../gotemplate'), findCorpus('gotemplate') ?? '']
      .map((place) => join(place, 'types.json'))
      .find((file) => existsSync(file)) ?? ''
  // Written by the corpus' generator; a wrong form shows up as failing cases.
  const notation = existsSync(typesFile)
    ? notationFor(readJson(typesFile) as Parameters<typeof notationFor>[0])
    : new PlainNotation()
  const shared = readJson(join(folder, 'data.json')) as Readonly<Record<string, unknown>>
  const functions = functionsFor(notation)
  for (const file of readdirSync(folder).sort()) {
    if (!/^cases-.*\.json$/.test(file)) continue
    for (const item of readJson(join(folder, file)) as readonly TemplateCase[]) {
      if (options.caseId !== undefined && options.caseId !== item.id) continue
      const json = item.dataRef === undefined ? item.data : shared[item.dataRef]
      // Decoded anew for every case: functions may change it.
      const data = json === undefined ? undefined : notation.decode(structuredClone(json))
      yield compare(item, answer(item, data, functions))
    }
  }
}

function answer(item: TemplateCase, data: GoValue, functions: FunctionTable): Answer {
  const texts = new Map(Object.entries(item.templates ?? { inject: item.template ?? '' }))
  try {
    const compiled = compileTemplate({ name: 'inject', texts }, { functions })
    return { phase: 'output', text: toValidText(compiled.execute(data)) }
  } catch (error) {
    if (error instanceof TemplateParseError) {
      return { phase: 'parse', text: error.message, class: error.class, line: error.line }
    }
    if (error instanceof TemplateExecError) {
      return { phase: 'exec', text: error.message, class: error.class, line: error.line }
    }
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { phase: 'output', text: `thrown: ${text}`, class: 'thrown' }
  }
}

function compare(item: TemplateCase, got: Answer): CaseResult {
  const { expect } = item
  const wanted = expect.output ?? expect.parseError ?? expect.execError ?? ''
  const phase = expect.output !== undefined ? 'output' : expect.parseError !== undefined ? 'parse' : 'exec'
  const passed =
    got.phase === phase &&
    got.class === expect.class &&
    (phase === 'output' ? got.text === wanted : got.line === expect.line)
  if (passed) return { id: item.id, passed }
  // Some of sprig's functions are refused on purpose, whatever their arguments.
  if (got.class === 'function-refused') {
    return { id: item.id, passed: true, difference: FUNCTION_REFUSED }
  }
  const shown = JSON.stringify(item.template ?? item.templates)
  const detail = [
    `template: ${shown}`,
    `expected: ${phase} ${expect.class ?? ''} line ${expect.line ?? '-'}: ${JSON.stringify(wanted)}`,
    `     got: ${got.phase} ${got.class ?? ''} line ${got.line ?? '-'}: ${JSON.stringify(got.text)}`,
  ].join('\n')
  return { id: item.id, passed, detail }
}
