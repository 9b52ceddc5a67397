/**
 * Running a table of templates and what Go 1.26's text/template with sprig 3.3 makes of them, a row a line.
 * `output`, or where it fails: `parse` or `exec` with this package's class for the error, and Go's line and column (of
 * a parse error Go reports the line only; of a few others the place differs, and the row has no column).
 */
import { readFileSync } from 'node:fs'
import type { Test } from 'tap'
import {
  compileTemplate,
  type GoValue,
  sprigFunctions,
  TemplateExecError,
  TemplateParseError,
  toValidText,
} from '../../src/gotemplate/index.ts'

export interface Answer {
  readonly output?: string
  readonly parse?: string
  readonly exec?: string
  readonly line?: number
  readonly column?: number
}

interface Row extends Answer {
  readonly template: string
}

/** What the template gives, or the place and class of its error; throws what is no error of a template. */
export function answer(template: string, data: GoValue): Answer {
  try {
    const compiled = compileTemplate({ name: 'inject', text: template }, { functions: sprigFunctions() })
    return { output: toValidText(compiled.execute(data)) }
  } catch (error) {
    if (!(error instanceof TemplateParseError || error instanceof TemplateExecError)) throw error
    const phase = error instanceof TemplateParseError ? 'parse' : 'exec'
    return { [phase]: error.class, line: error.line ?? 0, column: error.column ?? 0 }
  }
}

export function checkTable(t: Test, file: string, makeData: () => GoValue): void {
  for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
    const { template, ...expected }: Row = JSON.parse(line)
    t.match(answer(template, makeData()), expected, template)
  }
}
