/**
 * Templates and what Go 1.26's text/template with sprig 3.3 makes of them: the tables beside this file, a row a line.
 * `output`, or where it fails: `parse` or `exec` with this room's class for the error, and Go's line and column (of
 * a parse error Go tells the line only; of a few others the place differs, and the row has no column).
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  compileTemplate,
  sprigFunctions,
  TemplateExecError,
  TemplateParseError,
  toValidText,
} from '../../src/gotemplate/index.ts'

const DATA = {
  s: 'text',
  e: '',
  n: 3,
  f: 1.5,
  t: true,
  l: ['a', 'b', 'c'],
  m: { b: 2, a: 'x', c: { d: [1, 'z', null] } },
  nul: null,
}

interface Row {
  readonly template: string
  readonly output?: string
  readonly parse?: string
  readonly exec?: string
  readonly line?: number
  readonly column?: number
}

function answer(template: string): Omit<Row, 'template'> {
  try {
    const compiled = compileTemplate({ name: 'inject', text: template }, { functions: sprigFunctions })
    return { output: toValidText(compiled.execute(structuredClone(DATA))) }
  } catch (error) {
    if (!(error instanceof TemplateParseError || error instanceof TemplateExecError)) throw error
    const phase = error instanceof TemplateParseError ? 'parse' : 'exec'
    return { [phase]: error.class, line: error.line ?? 0, column: error.column ?? 0 }
  }
}

for (const file of readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).sort()) {
  if (!file.endsWith('.cases.jsonl')) continue
  t.test(file, async (t) => {
    for (const line of readFileSync(join(import.meta.dirname, file), 'utf8')
      .trim()
      .split('\n')) {
      const { template, ...expected }: Row = JSON.parse(line)
      t.match(answer(template), expected, template)
    }
  })
}
